# Two commands on a fresh machine with Python >= 3.11 and make: `make bitcoin` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
SPACY = $(VENV)-spacy
KERAS = $(VENV)-keras
CTRANSLATE2 = $(VENV)-ctranslate2
STAMP = $(VENV)/.installed

.PHONY: bitcoin test lint types unit test-long bench bench-gpu fix clean

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[train,dev]"
	touch $(STAMP)

bitcoin: $(STAMP)  ## train, export and forecast bitcoin; prints the scores and the picture's path
	$(BIN)/seqtool train bitcoin
	$(BIN)/seqtool export --onnx
	$(BIN)/seqtool forecast bitcoin --horizon 30 --plot runs/bitcoin-forecast.png </dev/null

test: $(STAMP) lint types unit  ## lint, types, import contracts, tests

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP)
	$(BIN)/mypy

unit: $(STAMP)
	$(BIN)/python -m pytest -q -n auto --dist loadfile  # a file stays in one process: its fixtures are shared

test-long: $(STAMP)  ## minutes to an hour: kills, faults, fuzzing; run before a release
	$(BIN)/python -m pytest -q -m long

$(SPACY)/.installed:  # rivals live in environments of their own
	$(PYTHON) -m venv $(SPACY)
	$(SPACY)/bin/python -m pip install --quiet --disable-pip-version-check spacy==3.8.18
	touch $@

$(KERAS)/.installed:
	$(PYTHON) -m venv $(KERAS)
	$(KERAS)/bin/python -m pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0
	touch $@

$(CTRANSLATE2)/.installed:
	$(PYTHON) -m venv $(CTRANSLATE2)
	$(CTRANSLATE2)/bin/python -m pip install --quiet --disable-pip-version-check ctranslate2==4.8.5
	touch $@

bench: $(STAMP) $(SPACY)/.installed $(KERAS)/.installed $(CTRANSLATE2)/.installed  ## trainings and speed against their rivals; appends to docs/results.jsonl
	$(BIN)/python benchmarks/training_speed.py
	$(BIN)/python benchmarks/language_training.py
	$(BIN)/python benchmarks/cold_start.py
	$(BIN)/python benchmarks/forecast_speed.py
	$(BIN)/python benchmarks/verdicts.py
	$(BIN)/python benchmarks/forecasting.py
	$(BIN)/python benchmarks/m4.py
	$(BIN)/python benchmarks/m4.py --left-out 5 -- --epochs 2 --no-refit
	$(BIN)/python benchmarks/m4.py --left-out 5 -- --own 0 --epochs 2 --no-refit
	$(BIN)/python benchmarks/known_inputs.py
	$(BIN)/python benchmarks/seeds.py
	$(BIN)/python benchmarks/highway.py
	$(BIN)/python benchmarks/precision.py
	$(BIN)/python benchmarks/grimm.py
	$(BIN)/python benchmarks/sentiment.py sst2
	$(BIN)/python benchmarks/sentiment.py si650
	$(BIN)/python benchmarks/sentiment.py random --network umich-lstm
	$(BIN)/python benchmarks/classify_speed.py
	$(BIN)/python benchmarks/tagging.py --int8
	$(BIN)/python benchmarks/entities.py
	$(BIN)/python benchmarks/tag_speed.py --python $(SPACY)/bin/python
	$(BIN)/python benchmarks/tagging_training.py --python $(KERAS)/bin/python
	$(BIN)/python benchmarks/translation.py --int8
	$(BIN)/python benchmarks/translation_training.py
	$(BIN)/python benchmarks/cold_start.py --translate runs/translation/multi30k-de-en/model.onnx
	$(BIN)/python benchmarks/cold_start.py --translate runs/translation/multi30k-de-en/model-int8.onnx
	$(BIN)/python benchmarks/translation_speed.py
	$(BIN)/python benchmarks/translation_rivals.py --python $(CTRANSLATE2)/bin/python
	$(BIN)/python benchmarks/told_time.py
	$(BIN)/python benchmarks/tables.py

bench-gpu:  ## runs with any Python that has PyTorch with CUDA and ONNX Runtime; nothing is installed
	$(PYTHON) benchmarks/gpu.py

fix: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(SPACY) $(KERAS) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
