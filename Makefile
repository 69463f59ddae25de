# The README's two commands are `make quickstart` and `make test`; each sets up whatever it needs in a fresh clone.
# Needs: any Node >= 18 with npm, and make. The Node that runs everything is pinned in package.json.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
TIERS ?= $(NCSWEEP_TIERS)

.PHONY: quickstart studies test check bench setup native native-gpu torch browser format pack images cluster cluster-down clean

quickstart: setup
	@bin/ncsweep run sweeps/quickstart.yaml

test: setup
	@NCSWEEP_TIERS="$(TIERS)" node scripts/test.ts

check: setup
	@NCSWEEP_TIERS=static,unit node scripts/test.ts

# Runs every study and writes docs/studies/index.html. Not part of the tests.
studies: torch
	@node scripts/studies.ts

# Compares with other programs: bench/RESULTS.md. BENCH=name,name selects from bench/*/run.ts.
bench: setup native
	@# A control plane takes minutes to build the first time and needs Go. Without Go the other benchmarks still run.
	@case ",$(BENCH)," in ,,|*,control-plane,*) scripts/servers/build.sh kube nats-server versitygw || [ -z "$(BENCH)" ] ;; esac
	@node bench/run.ts

setup: node_modules/.ready

node_modules/.ready: package-lock.json .npmrc
	@scripts/setup.sh
	@touch $@

native: setup
	@scripts/native/build.sh

native-gpu: setup
	@scripts/native/build.sh gpu

torch: setup
	@scripts/torch/setup.sh

browser:
	@scripts/setup-browser.sh

# JavaScript and declarations, one archive per package, in out/packages (docs/library.md).
pack: setup
	@node scripts/pack.ts

images: setup
	@scripts/images/build.sh orchestrator cli worker nats versitygw

# Prints only what a shell is to evaluate. With IMAGES=… it uses the cluster of KUBECONFIG; WORKERS=worker-torch brings PyTorch
# too (docs/kubernetes.md).
cluster:
	@$(MAKE) -s setup >&2
	@IMAGES="$(IMAGES)" VALUES="$(VALUES)" WORKERS="$(WORKERS)" node scripts/cluster.ts up

cluster-down: setup
	@node scripts/cluster.ts down

format: setup
	@npm run --silent format

clean:
	rm -rf node_modules out .cache .ncsweep
