/** The commands in the order in which a user needs them, as help lists them. Their modules are loaded when they are called. */
export const listedCommands = {
  validate: { command: 'validate <file>', describe: 'Check a sweep file: every problem with its line and remedy' },
  plan: { command: 'plan <file>', describe: 'Show what a run would do and cost; changes nothing' },
  smoke: { command: 'smoke <file>', describe: 'Run a scaled-down version of a sweep in about a minute, to find mistakes' },
  run: { command: 'run <file>', describe: 'Run a sweep on this machine and write its report; an interrupted run continues' },
  dash: {
    command: 'dash [sweeps..]',
    describe: 'Show sweeps in the browser as they run: a page of this machine that only reads',
  },
  report: { command: 'report <sweep>', describe: 'Write the report from the results in the store; runs nothing' },
  pull: {
    command: 'pull <sweep>',
    describe: 'Download weights, tables, report, images and features of a sweep; an interrupted pull continues',
  },
  diff: { command: 'diff <a> <b>', describe: 'Compare two sweeps: their specs, their cells, and the numbers of shared trials' },
  submit: { command: 'submit <file>', describe: 'Submit a sweep to the cluster, or update it there' },
  list: { command: 'list', describe: 'List the Sweeps on the cluster' },
  status: { command: 'status <name>', describe: 'Show the progress and conditions of a Sweep on the cluster' },
  watch: {
    command: 'watch <name>',
    describe: 'Follow a Sweep on the cluster until it finishes; with --nats, also what its workers do',
  },
  logs: {
    command: 'logs <name>',
    describe: 'Show the logs of the workers of a Sweep: of its pods, and of parked cells whose pods are gone',
  },
  suspend: { command: 'suspend <name>', describe: 'Stop the workers of a Sweep; their results are kept' },
  resume: { command: 'resume <name>', describe: 'Resume a suspended Sweep' },
  cancel: { command: 'cancel <name>', describe: 'End a Sweep permanently; its results are kept' },
  adopt: { command: 'adopt <name>', describe: 'Continue a Sweep with the science versions of an upgraded install' },
  retry: {
    command: 'retry <name>',
    describe: 'Retry the parked cells of a Sweep, even of a finished one, and restart workers that could not work',
  },
  doctor: { command: 'doctor', describe: 'Check a cluster, its NATS and its store, and say how to fix what is wrong' },
  verify: {
    command: 'verify <sweep>',
    describe: 'Run a sample of cells again here, in a temporary store, and compare every number',
  },
  show: { command: 'show <id>', describe: 'Show everything that is known about a trial or cell' },
  store: { command: 'store <command>', describe: 'Maintain a store: gc, fsck' },
  collapse: { command: 'collapse', describe: 'Measure neural collapse of features in .npy or .npz files' },
  contract: {
    command: 'contract <action> [program..]',
    describe: 'Test whether a compute program follows the compute protocol: contract test -- COMMAND',
  },
  plugin: {
    command: 'plugin <command>',
    describe: 'Work with plug-ins, attacks and losses of your own: new, test, push, list, show',
  },
  dataset: { command: 'dataset <command>', describe: 'Work with datasets in files and in a store: digest, push, list' },
} as const;
