# The face of the build; meson and ninja do the work. build/ is the optimised build, build-test/ the one with sanitizers.
SHELL := /bin/bash
.DEFAULT_GOAL := build
SETUP := scripts/setup
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

.PHONY: build console run test test-build guards interop bench tls-check fuzz lint format install clean setup

setup:
	@$(SETUP)

build: setup
	@scripts/console
	@test -f build/build.ninja || meson setup build --buildtype=release --prefix=$(PREFIX) >/dev/null
	@ninja -C build

# Builds console/dist, which build and test-build do too where Node.js is; says what is missing where it cannot.
console:
	@scripts/console required

run: build
	@mkdir -p data && chmod 700 data
	build/writ serve --demo

test-build:
	@$(SETUP) test $(if $(CI),browser proxies)
	@scripts/console
	@test -f build-test/build.ninja || CC=gcc meson setup build-test --buildtype=debugoptimized -Db_sanitize=address,undefined -Dtests=true >/dev/null
	@ninja -C build-test

test: test-build
	@scripts/test

# Takes each guard out in a copy and sees its test fail.
guards: test-build
	@$(SETUP) proxies
	@tests/guards/run

# Signs in with real client libraries; what they need and is missing is left out (tests/interop/README.md).
interop: build
	@$(SETUP) interop
	@tests/interop/run

bench: build
	@$(SETUP) bench
	@tests/bench/run

# Lets testssl.sh look at the server.
tls-check: build
	@$(SETUP) tls
	@tests/tls/run

fuzz:
	@$(SETUP) fuzz
	@scripts/fuzz

lint:
	@$(SETUP) lint
	@scripts/lint

format:
	@$(SETUP) lint
	@scripts/format

install: build
	@meson configure build -Dprefix=$(PREFIX)
	@ninja -C build
	meson install -C build --no-rebuild

clean:
	rm -rf build build-test build-fuzz build-clang console/dist
