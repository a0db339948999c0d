# SPDX-License-Identifier: GPL-2.0-or-later
# The front of the build: `make run` and `make test` need nothing done before.
#
#   make            build into build/
#   make deps       print and install the Debian packages that are missing
#   make run        what protvirt is for, in four acts
#   make test       all tests;  SUITE=name one suite,  SAN=address,undefined or SAN=thread sanitizers
#   make test-long  the tests that take longer than ten minutes
#   make guests-linux  fetch a Debian kernel and shell for s390x into build/linux
#   make clean      remove every build directory

SAN   ?=
SUITE ?=

comma := ,
empty :=
space := $(empty) $(empty)

BUILD := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
STAMP := $(BUILD)/.deps

MESON_FLAGS := --buildtype=debugoptimized $(if $(SAN),-Db_sanitize=$(SAN) -Db_lundef=false)

.PHONY: all deps run test test-long guests-linux clean
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

test: all
	@tools/test.py $(BUILD) $(if $(SUITE),--suite $(subst $(comma),$(space)--suite ,$(SUITE)))

test-long: all
	@tools/test.py $(BUILD) --long

guests-linux: $(STAMP)
	@tools/guests-linux.sh $(BUILD)/linux

clean:
	rm -rf build build-*
