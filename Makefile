# The face of the build; meson and ninja do the work. build/ is the optimised build, build-test/ the one with sanitizers.
SHELL := /bin/bash
.DEFAULT_GOAL := build
SETUP := scripts/setup
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

.PHONY: build run test test-build bench fuzz lint format install clean setup

setup:
	@$(SETUP)

build: setup
	@test -f build/build.ninja || meson setup build --buildtype=release --prefix=$(PREFIX) >/dev/null
	@ninja -C build

run: build
	@mkdir -p data && chmod 700 data
	build/writ serve --demo

test-build: setup
	@test -f build-test/build.ninja || CC=gcc meson setup build-test --buildtype=debugoptimized -Db_sanitize=address,undefined -Dtests=true >/dev/null
	@ninja -C build-test

test: test-build
	@scripts/test

bench: build
	@tests/bench/run

fuzz: setup
	@scripts/fuzz

lint: setup
	@scripts/lint

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

install: build
	meson install -C build --no-rebuild

clean:
	rm -rf build build-test build-fuzz build-clang
