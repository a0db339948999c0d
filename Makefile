# SPDX-License-Identifier: GPL-2.0-or-later
# The front of the build: `make run` and `make test` need nothing done before.
#
#   make            build into build/
#   make deps       print and install the Debian packages that are missing
#   make run        what protvirt is for, in four acts
#   make test       all tests;  SUITE=name one suite,  SAN=address,undefined or SAN=thread sanitizers
#   make test-long  the tests that take longer than ten minutes
#   make bench      what is measured, with limits and peers of the same run; BENCH=--quick for less
#   make bench-plots    SVGs of it, into build/bench
#   make bench-compare BASE=commit  the short set on that commit and on this tree, in turn
#   make guests-linux  fetch a Debian kernel and shell for s390x into build/linux
#   make fuzz       random inputs;  FUZZ_S=seconds in all, HARNESS=name one of tests/fuzz
#   make test-planted  plants each bug of tests/planted in a copy; every one must be caught;  PATCH=names
#   make model-trail NAME=name   the shortest way to an error of the model (docs/model.md)
#   make campaign random sequences on the oracle;  N=number,  SEED=of the first,  SHARD=I/N this part
#   make clean      remove every build directory

SAN   ?=
SUITE ?=
FUZZ_S  ?= 600
HARNESS ?=
PATCH   ?=
N     ?= 100000
SEED  ?=
SHARD ?= 0/1
BASE  ?=

comma := ,
empty :=
space := $(empty) $(empty)

BUILD := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
STAMP := $(BUILD)/.deps

MESON_FLAGS := --buildtype=debugoptimized $(if $(SAN),-Db_sanitize=$(SAN) -Db_lundef=false)

.PHONY: all deps run bench bench-plots bench-compare test test-long test-planted guests-linux campaign fuzz model-trail clean
.DELETE_ON_ERROR:

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

deps:
	@sed -n 's/^\([a-z0-9.+-]\+\) */\1 /p' tools/packages.txt
	@tools/deps.sh

$(STAMP): tools/packages.txt
	@tools/deps.sh $@

$(BUILD)/build.ninja: | $(STAMP)
	@meson setup $(MESON_FLAGS) $(BUILD)

run: all
	@tools/run.sh $(BUILD)

bench: all
	@tools/bench.sh $(BUILD) $(BENCH)

bench-plots: all
	@tools/bench-plots.sh $(BUILD)

bench-compare: all
	@tools/bench-compare.sh $(BUILD) $(BASE)

test: all
	@tools/test.py $(BUILD) $(if $(SUITE),--suite $(subst $(comma),$(space)--suite ,$(SUITE)))

test-long: all guests-linux
	@tools/test.py $(BUILD) --long

# A copy of the tree and builds of its own: nothing here is changed.
test-planted: $(STAMP)
	@tests/planted/run.py . build-planted $(if $(PATCH),--only $(PATCH))

guests-linux: $(STAMP)
	@tools/guests-linux.sh $(BUILD)/linux

# A build of its own: libFuzzer comes with clang. Warnings are gcc's business.
build-fuzz/.deps: tools/packages-fuzz.txt | $(STAMP)
	@tools/deps.sh $@ $<

build-fuzz/build.ninja: | build-fuzz/.deps
	@CC=clang meson setup --buildtype=debugoptimized -Dfuzzers=true -Dwerror=false -Db_lundef=false \
		-Db_sanitize=address,undefined \
		-Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined' build-fuzz

fuzz: build-fuzz/build.ninja
	@ninja -C build-fuzz fuzz-harnesses
	@tests/fuzz/run.py build-fuzz --seconds $(FUZZ_S) $(if $(HARNESS),--harness $(HARNESS))

model-trail:
	@tests/model/check.py trail $(NAME)

campaign: all
	@$(BUILD)/tests/oracle/oracle --cases $(N) --shard $(SHARD) $(if $(SEED),--seed $(SEED))

clean:
	rm -rf build build-*
