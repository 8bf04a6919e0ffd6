# Stoa. `make help` lists the targets, MODE=debug|release|tsan chooses what `make` and `make test`
# build. Every mode has a folder of its own, build/<mode>/, so changing mode rebuilds nothing.
#
#   build/gen/                     generated: version.h, the embedded app (static/), the steps of
#                                  src/store/schema/
#   build/app-tests/               the app's unit tests, as modules that node runs
#   build/<mode>/libstoa.a         everything but main.c; tests, fuzz targets and bench link with it
#   build/<mode>/stoa              the program
#   build/<mode>/tests/unit/...    one program for each tests/unit/<layer>/x_test.c
#   build/<mode>/tests/sim/...     one program for each tests/sim/x_sim.c
#   build/<mode>/tests/fuzz/...    one program for each tests/fuzz/x_fuzz.c
#   build/<mode>/tests/wire/run    plays the transcripts tests/wire/<folder>/x.wire
#
# A source is found by its folder: adding a file needs no change here.

MODE ?= debug
PREFIX ?= /usr/local
DATA ?= ./data
PKGS := libssl libcrypto zlib sqlite3 libpq libsodium

MODES := debug release tsan plain fuzz
ifeq ($(filter $(MODE),debug release tsan),)
$(error MODE=$(MODE) is not one of: debug release tsan)
endif
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

# ---- sources

SRC := $(wildcard src/*.c src/*/*.c src/dialect/*/*.c)
GEN := build/gen/assets.c build/gen/assets_data.S build/gen/schema.c
UNIT := $(wildcard tests/unit/*_test.c tests/unit/*/*_test.c tests/sim/*_sim.c)
UNIT_HELP := $(filter-out $(UNIT),$(wildcard tests/unit/*.c))
WIRE := $(wildcard tests/wire/*.c)
FUZZ := $(wildcard tests/fuzz/*_fuzz.c)
TOOLS := $(wildcard tests/tools/*.c)
STATIC := $(shell find app/static -type f 2>/dev/null)
APP := $(shell find app/src -type f 2>/dev/null)
APP_TOOLS := app/build.mjs app/tsconfig.json app/package-lock.json
SCHEMA := $(wildcard src/store/schema/*.sql)

# ---- flags

# Read late and once: the libraries may be installed by the first recipe of this very run.
late = $(eval $1 := $(shell $2))$($1)
PKG_CFLAGS = $(call late,PKG_CFLAGS,pkg-config --cflags $(PKGS))
PKG_LIBS = $(call late,PKG_LIBS,pkg-config --libs $(PKGS))

CPPFLAGS_ALL = -D_GNU_SOURCE -Isrc -Ibuild/gen $(PKG_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL = -std=gnu17 -pthread -fno-common $(WARN) $(CFLAGS)
LIBS_ALL = $(PKG_LIBS) -pthread $(LDLIBS)
TEST_CPPFLAGS := -Itests/unit -Itests/fuzz
# slice_str() asks for NULL, from which gcc infers that a "%s" nearby may get one.
TEST_CFLAGS := -Wno-format-overflow -Wno-format-truncation

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
    -Wpointer-arith -Wwrite-strings -Wimplicit-fallthrough -Wformat=2

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
BRANCHES := $(if $(filter x86_64,$(shell uname -m)),-fcf-protection,-mbranch-protection=standard)
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong $(BRANCHES) -fPIE \
    -fno-plt -ftrivial-auto-var-init=zero

CC_debug := gcc
CC_release := gcc
CC_tsan := gcc
CC_plain := gcc
CC_fuzz := clang

CFLAGS_debug := -O1 -g $(SANITIZE)
CFLAGS_release := -O2 -g $(HARDEN)
CFLAGS_tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer -fPIE
CFLAGS_plain := -O0 # nothing runs these objects: tools/check-globals reads their symbols
CFLAGS_fuzz := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link -Wno-error

LDFLAGS_debug := -rdynamic $(SANITIZE)
LDFLAGS_release := -rdynamic -pie -Wl,-z,relro,-z,now
LDFLAGS_tsan := -fsanitize=thread -pie
LDFLAGS_fuzz := $(SANITIZE)

# The calls that tests/unit/fault.c can make fail. In no program but the unit tests.
WRAP := xtry xalloc xalloc_line xstrdup xfree writev send quick_send quick_sendmsg write read recv recvmsg accept4
UNIT_LDFLAGS := $(WRAP:%=-Wl,--wrap=%)

# ---- one set of rules per mode

objects = $(patsubst %,build/$1/%.o,$(basename $2))
unit_bins = $(UNIT:%.c=build/$1/%)
replay_bins = $(FUZZ:%_fuzz.c=build/$1/%_replay)
fuzz_bins = $(FUZZ:%.c=build/$1/%)
tool_bins = $(TOOLS:%.c=build/$1/%)

define mode_rules
build/$1/%.o: %.c Makefile | build/gen/version.h deps
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(hush)$$(CC_$1) $$(CPPFLAGS_ALL) $$(if $$(filter tests/%,$$<),$$(TEST_CPPFLAGS)) \
	    $$(CFLAGS_ALL) $$(CFLAGS_$1) $$(if $$(filter tests/%,$$<),$$(TEST_CFLAGS)) \
	    -MMD -MP -c -o $$@ $$<

build/$1/%.o: %.S Makefile | deps
	@mkdir -p $$(@D)
	$$(hush)$$(CC_$1) -c -o $$@ $$<

build/$1/libstoa.a: $$(call objects,$1,$$(filter-out src/main.c,$$(SRC)) $$(GEN))
	$$(say) AR $$@
	$$(hush)rm -f $$@ && ar qcs $$@ $$^

build/$1/stoa: build/$1/src/main.o build/$1/libstoa.a
	$$(say) LD $$@
	$$(hush)$$(CC_$1) $$(LDFLAGS_$1) $$(LDFLAGS) -o $$@ $$^ $$(LIBS_ALL)

$$(call unit_bins,$1): build/$1/%: build/$1/%.o $$(call objects,$1,$$(UNIT_HELP)) build/$1/libstoa.a
	$$(say) LD $$@
	$$(hush)$$(CC_$1) $$(LDFLAGS_$1) $$(UNIT_LDFLAGS) -o $$@ $$^ $$(LIBS_ALL)

build/$1/tests/wire/run: $$(call objects,$1,$$(WIRE) $$(UNIT_HELP)) build/$1/libstoa.a
	$$(say) LD $$@
	$$(hush)$$(CC_$1) $$(LDFLAGS_$1) $$(UNIT_LDFLAGS) -o $$@ $$^ $$(LIBS_ALL)

$$(call replay_bins,$1): build/$1/%_replay: build/$1/%_fuzz.o build/$1/tests/fuzz/replay.o \
    build/$1/tests/unit/tap.o build/$1/libstoa.a
	$$(say) LD $$@
	$$(hush)$$(CC_$1) $$(LDFLAGS_$1) -o $$@ $$^ $$(LIBS_ALL)

$$(call tool_bins,$1): build/$1/%: build/$1/%.o build/$1/libstoa.a
	$$(say) LD $$@
	$$(hush)$$(CC_$1) $$(LDFLAGS_$1) -o $$@ $$^ $$(LIBS_ALL)

-include $$(patsubst %.o,%.d,$$(call objects,$1,$$(SRC) $$(GEN) $$(UNIT) $$(UNIT_HELP) $$(FUZZ) \
    $$(WIRE) $$(TOOLS) tests/fuzz/replay.c))
endef

# `make V=1` shows the commands, `make -s` nothing.
say = @$(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),:,echo ' ')
hush = $(if $(V),,@)

.DEFAULT_GOAL := $(MODE)
.DELETE_ON_ERROR:
.SECONDARY:

$(foreach m,$(MODES),$(eval $(call mode_rules,$m)))

$(call fuzz_bins,fuzz): %: %.o build/fuzz/libstoa.a
	$(say) LD $@
	$(hush)$(CC_fuzz) $(LDFLAGS_fuzz) -fsanitize=fuzzer -o $@ $^ $(LIBS_ALL)

# ---- generated sources

build/gen/version.h: VERSION FORCE
	@tools/version $@

# What is embedded: the app, the files beside it, and the Socket.IO client for other pages, as its
# npm package brings it.
SIO_CLIENT := $(foreach f,socket.io socket.io.min socket.io.esm.min,$f.js $f.js.map)
build/gen/static/.stamp: $(APP) $(STATIC) $(APP_TOOLS) app/static Makefile | deps
	$(say) BUNDLE build/gen/static
	$(hush)tools/npm-ci app
	$(hush)rm -rf $(@D) && mkdir -p $(@D)/socket.io && cp -R app/static/. $(@D)
	$(hush)cp $(SIO_CLIENT:%=app/node_modules/socket.io-client/dist/%) $(@D)/socket.io/
	$(hush)node app/build.mjs $(@D)
	$(hush)touch $@

build/app-tests/.stamp: $(APP) $(APP_TOOLS) Makefile | deps
	$(say) BUNDLE build/app-tests
	$(hush)tools/npm-ci app
	$(hush)rm -rf $(@D) && node app/build.mjs --tests $(@D)
	$(hush)touch $@

build/gen/assets.c: build/gen/static/.stamp tools/embed
	$(hush)tools/embed build/gen/static $@ build/gen/assets_data.S
build/gen/assets_data.S: build/gen/assets.c ;
$(foreach m,$(MODES),build/$m/build/gen/assets_data.o): build/gen/assets.c

build/gen/schema.c: $(SCHEMA) src/store/schema tools/embed-schema
	$(say) EMBED $@
	$(hush)mkdir -p $(@D) && tools/embed-schema src/store/schema $@

# ---- targets

.PHONY: FORCE deps tests help run debug release tsan test check soak fuzz bench format lighthouse look install \
    clean

# The packages that this run's targets need, installed by one apt at most, before anything else.
GROUPS_OF = $(if $(filter $1,$(MAKECMDGOALS)),$2)
GROUPS := build $(call GROUPS_OF,test soak look lighthouse,test check) $(call GROUPS_OF,check format,check) \
    $(call GROUPS_OF,fuzz,fuzz) $(call GROUPS_OF,bench,bench)
deps:
	@tools/deps $(GROUPS)

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## */\1 /p' Makefile | while read -r name text; \
	    do printf '  make %-8s %s\n' "$$name" "$$text"; done

run: release ## install what is missing, build, serve http://localhost:5050 from ./data
	@exec build/release/stoa serve --data $(DATA)

debug: build/debug/stoa ## the developer's build, with ASan and UBSan (the default)

release: build/release/stoa ## the hardened build: build/release/stoa

tsan: build/tsan/stoa ## a build that finds data races

tests: build/$(MODE)/stoa build/plain/stoa build/app-tests/.stamp $(call unit_bins,$(MODE)) $(call replay_bins,$(MODE)) \
    $(call tool_bins,$(MODE)) build/$(MODE)/tests/wire/run

test: deps tests ## every test; T=base/json only those whose path contains it
	@MODE=$(MODE) tools/test $(T)

soak: deps tests ## the long forms of the tests
	@SOAK=1 MODE=$(MODE) tools/test $(T)

check: deps build/plain/stoa ## the rules that a script can check
	@tools/check

fuzz: deps $(if $(T),build/fuzz/tests/fuzz/$(T)_fuzz,$(call fuzz_bins,fuzz)) ## T=json S=600 (seconds)
	@tools/fuzz "$(T)" "$(S)"

bench: deps release ## server CPU per operation beside the peers, as ratios
	@bench/run $(T)

format: deps ## clang-format over the C files, prettier over the app
	@tools/check-format --fix
	@tools/npm-ci app && cd app && node_modules/.bin/prettier --log-level warn --write \
	    'src/**/*.{ts,tsx,css}' build.mjs

lighthouse: deps release ## what Lighthouse says of the first page
	@tools/lighthouse

look: deps debug ## pictures of every page of the app, into build/look/; T=board only some
	@tools/npm-ci tests && STOA=$(CURDIR)/build/debug/stoa $$(tools/node) tests/look.mjs $(T)

install: release ## the program and its documents into $(DESTDIR)$(PREFIX)
	install -D -m 755 -s build/release/stoa $(DESTDIR)$(PREFIX)/bin/stoa
	install -D -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/stoa/README.md
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/stoa/copyright

clean: ## remove build/
	rm -rf build
