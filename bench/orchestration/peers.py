"""No-op trials in other orchestrators, each on two cores: python peers.py PEER TRIALS FOLDER. Prints seconds and peakMiB as JSON:
the greatest memory of any one process among this one and those it waited for.

The time counts from the start of the tool (import and start of its processes included) until every trial's number is back. The folder
is on the same disk for all.
"""
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

peer, trials, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
begin = time.time()
python = Path(sys.executable)


def ray_tune():
    import ray
    from ray import tune

    ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False, _temp_dir=ray_folder())

    def trial(config):
        return {"value": float(config["x"])}

    tuner = tune.Tuner(
        tune.with_resources(trial, {"cpu": 1}),
        param_space={"x": tune.grid_search(list(range(trials)))},
        run_config=tune.RunConfig(storage_path=str(folder), verbose=0),
    )
    return [result.metrics["value"] for result in tuner.fit()]


def ray_actors():
    import ray
    from ray.util import ActorPool

    ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False, _temp_dir=ray_folder())

    @ray.remote(num_cpus=1)
    class Worker:
        def trial(self, x):
            return float(x)

    pool = ActorPool([Worker.remote() for _ in range(2)])
    return list(pool.map_unordered(lambda worker, x: worker.trial.remote(x), range(trials)))


def ray_folder():
    # Its sockets need a short path.
    import tempfile

    return tempfile.mkdtemp(prefix="ray")


def optuna_journal():
    workers = [subprocess.Popen([python, __file__, "optuna-worker", str(trials), str(folder)]) for _ in range(2)]
    for worker in workers:
        assert worker.wait() == 0
    study = optuna_study()
    return [trial.value for trial in study.trials if trial.value is not None]


def optuna_study():
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = JournalStorage(JournalFileBackend(str(folder / "journal.log")))
    sampler = optuna.samplers.GridSampler({"x": list(range(trials))}, seed=1)
    return optuna.create_study(study_name="no-op", storage=storage, sampler=sampler, load_if_exists=True)


def optuna_worker():
    optuna_study().optimize(lambda trial: trial.suggest_int("x", 0, trials), n_trials=trials // 2)


def hydra_joblib():
    (folder / "config.yaml").write_text("defaults: [{override hydra/launcher: joblib}]\nx: 0\nhydra: {launcher: {n_jobs: 2}, job: {chdir: true}}\n")
    app = folder / "app.py"
    app.write_text(
        "import hydra\n"
        "@hydra.main(version_base=None, config_path='.', config_name='config')\n"
        "def trial(config):\n    open('value', 'w').write(str(float(config.x)))\n"
        "trial()\n"
    )
    points = ",".join(str(x) for x in range(trials))
    subprocess.run([python, app, "-m", f"x={points}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return [float(path.read_text()) for path in folder.glob("multirun/*/*/*/value")]


def snakemake():
    (folder / "Snakefile").write_text(
        f"rule all:\n    input: expand('out/{{x}}', x=range({trials}))\n"
        "rule trial:\n    output: 'out/{x}'\n    shell: 'echo {wildcards.x} > {output}'\n"
    )
    command = [python, "-m", "snakemake", "--cores", "2", "--quiet", "all"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [float(path.read_text()) for path in folder.glob("out/*")]


peers = {
    "ray-tune": ray_tune,
    "ray-actors": ray_actors,
    "optuna": optuna_journal,
    "hydra": hydra_joblib,
    "snakemake": snakemake,
}
if peer == "optuna-worker":
    optuna_worker()
    sys.exit()
values = peers[peer]()
assert len(set(values)) >= trials * 0.99 and len(values) >= trials, f"{len(values)} of {trials} trials have a value"
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
os.write(1, json.dumps({"seconds": time.time() - begin, "peakMiB": peak}).encode() + b"\n")
# Ray's processes end with this one; there is nothing to wait for.
os._exit(0)
