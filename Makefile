# KodeLab. `make help` lists the targets; scripts/setup installs what is missing.
#
# Non-recursive: sources are found by wildcard, objects go to build/$(BUILD)/, dependencies are tracked by -MMD.
# BUILD=release|debug|asan|coverage  CC=gcc|clang  WERROR=1  V=1

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= release
VERSION := 0.1.0
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
-include config.mk

out := build/$(BUILD)
quiet := $(if $(V),,@)

# --- what is compiled ---------------------------------------------------------------------------------------------
core_src := $(filter-out core/server/%,$(wildcard core/*/*.c core/*/*/*.c))
# Programs of their own: what runs inside the box, and the git worker (so that the lab itself never loads libgit2).
box_src := $(wildcard core/sandbox/box/*.c)
git_src := $(wildcard core/portfolio/git/*.c)
lib_src := $(filter-out $(box_src) $(git_src),$(core_src))
tui_src := $(wildcard tui/*.c tui/*/*.c)
test_src := $(wildcard tests/unit/test_*.c)

lib_obj := $(lib_src:%.c=$(out)/%.o)
box_obj := $(box_src:%.c=$(out)/%.o)
git_obj := $(git_src:%.c=$(out)/%.o)
tui_obj := $(tui_src:%.c=$(out)/%.o)
test_bin := $(test_src:tests/unit/%.c=$(out)/tests/%)

# --- with what ----------------------------------------------------------------------------------------------------
lib_pkgs := sqlite3 libcjson libpcre2-8 libutf8proc
tui_pkgs := ncursesw md4c
pkg = $(shell pkg-config $(1) $(2) 2>/dev/null)

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wwrite-strings -Wpointer-arith -Wcast-qual -Wvla -Wformat=2 -Wundef -Wconversion -Wno-sign-conversion \
	-Wimplicit-fallthrough -Wnull-dereference -fno-common $(if $(WERROR),-Werror)
hardening := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
flags_release := $(hardening) -g
flags_debug := -O0 -g3 -fPIE
flags_asan := -O1 -g -fPIE -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
flags_coverage := -O0 -g --coverage -fPIE
link_release := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
link_debug := -pie -Wl,--as-needed
link_asan := -pie -fsanitize=address,undefined
link_coverage := -pie --coverage

CFLAGS ?=
cflags = -std=c11 -D_GNU_SOURCE -Iinclude -I. $(warnings) $(flags_$(BUILD)) \
	-DKL_VERSION='"$(VERSION)"' -DKL_PREFIX='"$(PREFIX)"' -include core/base/banned.h $(CFLAGS)
ldflags = $(link_$(BUILD)) $(LDFLAGS)

lib_cflags := $(call pkg,--cflags,$(lib_pkgs))
lib_libs := $(call pkg,--libs,$(lib_pkgs)) -lm
tui_cflags := $(lib_cflags) $(call pkg,--cflags,$(tui_pkgs))
tui_libs := $(call pkg,--libs,$(tui_pkgs)) $(lib_libs)

programs := $(out)/kodelab $(if $(box_src),$(out)/kodelab-box) $(if $(git_src),$(out)/kodelab-git)

all: $(programs)

$(out)/kodelab: $(tui_obj) $(out)/libkodelab.a
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $(tui_obj) $(out)/libkodelab.a $(tui_libs)

# The part that runs as pid 1 of the sandbox: static, so that it needs nothing of the box's file system.
$(out)/kodelab-box: $(box_obj)
	@echo "  LINK    $@"
	$(quiet)$(CC) -static -o $@ $(box_obj) $(call pkg,--libs --static,libseccomp)

$(out)/kodelab-git: $(git_obj) $(out)/libkodelab.a
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $(git_obj) $(out)/libkodelab.a $(call pkg,--libs,libgit2) $(lib_libs)

$(out)/libkodelab.a: $(lib_obj)
	@echo "  AR      $@"
	$(quiet)rm -f $@ && ar rcs $@ $(lib_obj)

$(out)/core/sandbox/box/%.o: core/sandbox/box/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(quiet)$(CC) $(filter-out -fPIE -fsanitize% --coverage -fno-sanitize%,$(cflags)) $(call pkg,--cflags,libseccomp) -MMD -MP -c -o $@ $<

$(out)/core/portfolio/git/%.o: core/portfolio/git/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(quiet)$(CC) $(cflags) $(lib_cflags) $(call pkg,--cflags,libgit2) -MMD -MP -c -o $@ $<

$(out)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(quiet)$(CC) $(cflags) $(tui_cflags) -MMD -MP -c -o $@ $<

# A unit test of a pure tui file names it in a comment: "links: tui/ui/keymap.c tui/ui/request.c".
test_links = $(patsubst %.c,$(out)/%.o,$(shell sed -n 's|.*links: \(.*\.c\).*|\1|p' $(1)))

.SECONDEXPANSION:
$(out)/tests/%: $(out)/tests/unit/%.o $$(call test_links,tests/unit/%.c) $(out)/libkodelab.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $(filter %.o,$^) $(out)/libkodelab.a -lcmocka $(tui_libs)

unit: $(programs) $(test_bin)
	$(quiet)tests/run-unit $(test_bin)

clean:
	rm -rf build

-include $(lib_obj:.o=.d) $(box_obj:.o=.d) $(git_obj:.o=.d) $(tui_obj:.o=.d) $(wildcard $(out)/tests/unit/*.d)

.PHONY: all unit clean
.DELETE_ON_ERROR:
