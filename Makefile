# KodeLab. `make help` lists the targets; scripts/setup installs what is missing.
#
# Non-recursive: sources are found by wildcard, objects go to build/$(BUILD)/, dependencies are tracked by -MMD.
# BUILD=release|debug|asan|coverage  CC=gcc|clang  WERROR=1  V=1

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= release
VERSION := 0.1.0
jobs := $(shell nproc 2>/dev/null || echo 2)
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
server_src := $(wildcard core/server/*.c core/server/*/*.c)
test_src := $(wildcard tests/unit/test_*.c)

lib_obj := $(lib_src:%.c=$(out)/%.o) $(out)/core/judge/judge0/runner_lines.o
box_obj := $(box_src:%.c=$(out)/%.o)
git_obj := $(git_src:%.c=$(out)/%.o)
tui_obj := $(tui_src:%.c=$(out)/%.o)
server_obj := $(server_src:%.c=$(out)/%.o)
test_bin := $(test_src:tests/unit/%.c=$(out)/tests/%)

# --- with what ----------------------------------------------------------------------------------------------------
lib_pkgs := sqlite3 libcjson libpcre2-8 libutf8proc libsodium zlib
tui_pkgs := ncursesw md4c
server_pkgs := libmicrohttpd libzip
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
# The last element of a list of <sys/queue.h> is read through another type: the compiler may not take that for something else.
cflags = -std=c11 -fno-strict-aliasing -D_GNU_SOURCE -Iinclude -I. $(warnings) $(flags_$(BUILD)) \
	-DKL_VERSION='"$(VERSION)"' -DKL_PREFIX='"$(PREFIX)"' -include core/base/banned.h $(CFLAGS)
ldflags = $(link_$(BUILD)) $(LDFLAGS)

# libcurl is loaded when it is first needed (core/base/http_curl.c): only its headers are used here.
lib_cflags := $(call pkg,--cflags,$(lib_pkgs) libcurl)
lib_libs := $(call pkg,--libs,$(lib_pkgs)) -lm
tui_cflags := $(lib_cflags) $(call pkg,--cflags,$(tui_pkgs))
tui_libs := $(call pkg,--libs,$(tui_pkgs)) $(lib_libs)
server_cflags := $(call pkg,--cflags,$(server_pkgs))
server_libs := $(call pkg,--libs,$(server_pkgs)) $(lib_libs)

# The class server is built where its libraries are: a student's machine need not have them.
kodelabd := $(if $(call pkg,--modversion,libmicrohttpd),$(if $(call pkg,--modversion,libzip),$(out)/kodelabd))
programs := $(out)/kodelab $(kodelabd) $(if $(box_src),$(out)/kodelab-box) $(if $(git_src),$(out)/kodelab-git)

all: $(programs)

$(out)/kodelab: $(tui_obj) $(out)/libkodelab.a
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $(tui_obj) $(out)/libkodelab.a $(tui_libs)

$(out)/kodelabd: $(server_obj) $(out)/libkodelab.a
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $(server_obj) $(out)/libkodelab.a $(server_libs)

# The part that runs as pid 1 of the sandbox: static, so that it needs nothing of the box's file system.
$(out)/kodelab-box: $(box_obj) $(out)/core/sandbox/box/filter/programs.o
	@echo "  LINK    $@"
	$(quiet)$(CC) -static -o $@ $^

# Its system call filter is compiled here, so that no box has to.
filter_rules := $(out)/core/sandbox/box/filter/rules
$(filter_rules): $(filter_rules).o
	@echo "  LINK    $@"
	$(quiet)$(CC) -o $@ $^ $(call pkg,--libs,libseccomp)

$(filter_rules:rules=programs.c): $(filter_rules)
	$(quiet)$< >$@

$(filter_rules:rules=programs.o): $(filter_rules:rules=programs.c)
	$(quiet)$(CC) $(filter-out -fPIE -fsanitize% --coverage -fno-sanitize%,$(cflags)) -c -o $@ $<

$(out)/kodelab-git: $(git_obj) $(out)/libkodelab.a
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $(git_obj) $(out)/libkodelab.a $(call pkg,--libs,libgit2) $(lib_libs)

# What runs the tests on a judge instance is compiled there: the lab carries its text.
runner_dir := core/judge/judge0/runner
runner_src := $(addprefix $(runner_dir)/,runner.h input.c folder.c watch.c run.c main.c)
$(out)/core/judge/judge0/runner_lines.c: $(runner_src) $(runner_dir)/embed.awk
	@mkdir -p $(@D)
	$(quiet)awk -f $(runner_dir)/embed.awk $(runner_src) >$@

$(out)/core/judge/judge0/runner_lines.o: $(out)/core/judge/judge0/runner_lines.c
	@echo "  CC      $<"
	$(quiet)$(CC) $(cflags) -c -o $@ $<

$(out)/libkodelab.a: $(lib_obj)
	@echo "  AR      $@"
	$(quiet)rm -f $@ && ar rcs $@ $(lib_obj)

$(out)/core/sandbox/box/%.o: core/sandbox/box/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(quiet)$(CC) $(filter-out -fPIE -fsanitize% --coverage -fno-sanitize%,$(cflags)) $(call pkg,--cflags,libseccomp) -MMD -MP -c -o $@ $<

# git2.h comes before banned.h: it has a field named as a banned call.
$(out)/core/portfolio/git/%.o: core/portfolio/git/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(quiet)$(CC) $(call pkg,--cflags,libgit2) -include git2.h $(cflags) $(lib_cflags) -MMD -MP -c -o $@ $<

$(out)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(quiet)$(CC) $(cflags) $(tui_cflags) $(server_cflags) -MMD -MP -c -o $@ $<

# A unit test of a pure tui file names it in a comment: "links: tui/ui/keymap.c tui/ui/request.c".
test_links = $(patsubst %.c,$(out)/%.o,$(shell sed -n 's|.*links: \(.*\.c\).*|\1|p' $(1)))

.SECONDEXPANSION:
$(out)/tests/%: $(out)/tests/unit/%.o $$(call test_links,tests/unit/%.c) $(out)/libkodelab.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $(filter %.o,$^) $(out)/libkodelab.a -lcmocka $(tui_libs)

# Its getaddrinfo is to be found by libcurl.
$(out)/tests/test_http_tls: ldflags += -rdynamic

# --- tests --------------------------------------------------------------------------------------------------------
unit: $(programs) $(test_bin)
	$(quiet)tests/run-unit $(test_bin)

pty_bin := $(out)/tests/pty-tests
pty_tui := $(wildcard tui/term/*.c) tui/ui/canvas.c tui/ui/color.c tui/ui/grid.c tui/ui/key.c tui/ui/role.c tui/ui/theme.c
$(pty_bin): $(patsubst %.c,$(out)/%.o,$(wildcard tests/pty/*.c) $(pty_tui)) $(out)/libkodelab.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $^ -lvterm -lutil $(tui_libs)

# Preloaded by tests: disks that take their time or take nothing, a clock that hurries, a look at the loop's turns.
preloads := $(patsubst %,$(out)/tests/%.so,$(notdir $(basename $(wildcard tests/*/preload/*.c))))
vpath %.c $(wildcard tests/*/preload)
$(preloads): $(out)/tests/%.so: %.c
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) -D_GNU_SOURCE $(warnings) -O2 -fPIC -shared -o $@ $<

# Stands between the judges' client and a real server, and deals faults.
chaos_bin := $(out)/tests/chaos
$(chaos_bin): $(patsubst %,$(out)/tests/judge/%.o,chaos chaos_http chaos_plan chaos_proxy) $(out)/libkodelab.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $^ $(lib_libs)

# Real clients and real servers with it in between.
campaign_bin := $(out)/tests/campaign
campaign_parts := campaign campaign_client campaign_plan campaign_server campaign_student chaos_http chaos_plan chaos_proxy
$(campaign_bin): $(patsubst %,$(out)/tests/judge/%.o,$(campaign_parts)) $(out)/libkodelab.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $^ $(lib_libs)

box_bin := $(out)/tests/box-attacks
$(box_bin): $(patsubst %.c,$(out)/%.o,$(wildcard tests/box/*.c)) $(out)/libkodelab.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $^ $(lib_libs)

server_bin := $(out)/tests/server-tests
$(server_bin): $(patsubst %.c,$(out)/%.o,$(wildcard tests/server/*.c)) $(out)/libkodelab.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $^ -lzip $(lib_libs)

# Students, their labs, a class server, and what comes between them.
term_bin := $(out)/tests/term-tests
term_parts := $(patsubst %,tests/judge/%.c,campaign_server chaos_http chaos_plan chaos_proxy) $(patsubst %,tests/server/%.c,harness ledger people)
$(term_bin): $(patsubst %.c,$(out)/%.o,$(wildcard tests/term/*.c) $(term_parts)) $(out)/libkodelab.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $^ $(lib_libs)

tests: $(programs) $(test_bin) $(box_bin) $(chaos_bin) $(if $(kodelabd),$(server_bin) $(campaign_bin) $(term_bin)) $(if $(wildcard tests/pty/*.c),$(pty_bin)) $(preloads)

check:
	$(quiet)scripts/setup run check fuzz
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) tests
	$(quiet)tests/run-all $(out)

check-asan:
	$(quiet)scripts/setup run check
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) BUILD=asan tests
	$(quiet)rm -rf build/asan/reports && mkdir -m 1777 build/asan/reports
	$(quiet)ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:log_path=$(CURDIR)/build/asan/reports/report tests/run-all build/asan

check-valgrind:
	$(quiet)scripts/setup run check valgrind
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) BUILD=debug tests
	$(quiet)tests/run-valgrind build/debug

coverage:
	$(quiet)scripts/setup run check coverage
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) BUILD=coverage tests
	-$(quiet)tests/run-all build/coverage
	$(quiet)lcov -q -c -d build/coverage -o build/coverage/lcov.info
	$(quiet)lcov -q -r build/coverage/lcov.info '/usr/*' '*/tests/*' -o build/coverage/lcov.info
	$(quiet)genhtml -q -o build/coverage/html build/coverage/lcov.info | tail -n 3

# FUZZ_SECONDS: for each target.
FUZZ_SECONDS ?= 600
fuzz:
	$(quiet)scripts/setup run fuzz
	$(quiet)FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(out)

# ROUNDS: of each kind.
ROUNDS ?= 500
soak:
	$(quiet)scripts/setup run check
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) $(programs) $(pty_bin)
	$(quiet)ROUNDS=$(ROUNDS) SEED=$(SEED) tests/soak $(out)

# Runs on judges elsewhere, with faults.
chaos:
	$(quiet)scripts/setup run check
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) $(programs) $(campaign_bin)
	$(quiet)tests/judge/run $(out) --rounds $(if $(filter file,$(origin ROUNDS)),1000,$(ROUNDS)) $(if $(SEED),--seed $(SEED))

# The class server killed by chance under many clients, its power cut before every step, whole.
CLIENTS ?= 200
faults:
	$(quiet)scripts/setup run check
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) $(programs) $(server_bin) $(out)/tests/test_power $(out)/tests/test_power_lab $(out)/tests/test_store_backup
	$(quiet)KL_POWER=3 $(out)/tests/test_power
	$(quiet)KL_POWER=3 $(out)/tests/test_power_lab
	$(quiet)KL_POWER=3 $(out)/tests/test_store_backup
	$(quiet)KL_ROUNDS=$(if $(filter file,$(origin ROUNDS)),1000,$(ROUNDS)) KL_CLIENTS=$(CLIENTS) KL_SEED=$(SEED) KL_QUEUED=500 KL_REJUDGED=1000 \
		tests/server/run $(out) R03_killed_anywhere R10_killed_while_it_judges R12_judged_again R12_cancelled_half_way
	$(quiet)KL_SAMPLES=10000 tests/server/run $(out) A05_times_of_logins A05_times_of_tokens A02_times_of_what_is_not_ones_own \
		A14_login_storm

# A simulated term, whole.
STUDENTS ?= 200
CHALLENGES ?= 20
term:
	$(quiet)scripts/setup run check
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) $(programs) $(term_bin)
	$(quiet)tests/term/run $(out) --students $(STUDENTS) --challenges $(CHALLENGES) --rounds $(if $(filter file,$(origin ROUNDS)),10,$(ROUNDS)) $(if $(SEED),--seed $(SEED))

bench_dir := $(out)/tests/bench
bench_bin := $(addprefix $(bench_dir)/,meter floor search_bench judge_bench box_bench server_bench client_bench \
	$(if $(kodelabd),http_floor class_bench class_floor crowd_bench stats_bench))
$(bench_dir)/floor: $(bench_dir)/floor.o
$(bench_dir)/meter: $(bench_dir)/meter.o $(bench_dir)/session.o $(bench_dir)/samples.o $(out)/libkodelab.a
$(bench_dir)/search_bench: $(bench_dir)/search_bench.o $(bench_dir)/samples.o $(out)/libkodelab.a
$(bench_dir)/judge_bench: $(bench_dir)/judge_bench.o $(bench_dir)/samples.o $(out)/libkodelab.a
$(bench_dir)/server_bench: $(bench_dir)/server_bench.o $(bench_dir)/samples.o $(out)/libkodelab.a
$(bench_dir)/client_bench: $(bench_dir)/client_bench.o $(bench_dir)/samples.o $(out)/tests/judge/campaign_server.o $(out)/libkodelab.a
$(bench_dir)/http_floor: $(bench_dir)/http_floor.o
$(bench_dir)/http_floor: tui_libs += $(server_libs)
$(bench_dir)/class_bench: $(bench_dir)/class_bench.o $(bench_dir)/load.o $(bench_dir)/samples.o $(out)/libkodelab.a
$(bench_dir)/stats_bench: $(bench_dir)/stats_bench.o $(bench_dir)/load.o $(bench_dir)/samples.o $(out)/libkodelab.a
$(bench_dir)/crowd_bench: $(bench_dir)/crowd_bench.o $(bench_dir)/load.o $(bench_dir)/samples.o $(out)/libkodelab.a
$(bench_dir)/class_floor: $(bench_dir)/class_floor.o
$(bench_dir)/class_floor: tui_libs = $(call pkg,--libs,libmicrohttpd sqlite3)
$(bench_dir)/box_bench: $(bench_dir)/box_bench.o $(out)/libkodelab.a
$(bench_bin):
	@echo "  LINK    $@"
	$(quiet)$(CC) $(ldflags) -o $@ $^ -lvterm -lutil $(tui_libs)

# QUICK=1: one round, under two minutes.
bench:
	$(quiet)scripts/setup run check bench
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) $(programs) $(bench_bin)
	$(quiet)QUICK=$(QUICK) tests/bench/run $(out)

lint:
	$(quiet)scripts/setup run check lint
	$(quiet)tests/lint/run

format:
	$(quiet)clang-format -i $$(git ls-files core tui include tests | grep '\.[ch]$$' | grep -v '^tests/script/pack/')

compile_commands.json:
	$(quiet)tests/lint/compile-commands >$@

# --- using and installing -----------------------------------------------------------------------------------------
run:
	$(quiet)scripts/setup run
	$(quiet)$(MAKE) --no-print-directory -j$(jobs) all
	$(quiet)$(out)/kodelab

share := $(DESTDIR)$(PREFIX)/share
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/kodelab $(share)/kodelab $(share)/man/man1 $(share)/man/man5
	install -m 755 $(out)/kodelab $(DESTDIR)$(PREFIX)/bin/kodelab
	install -m 755 $(out)/kodelab-box $(out)/kodelab-git $(DESTDIR)$(PREFIX)/libexec/kodelab/
	rm -rf $(share)/kodelab/themes $(share)/kodelab/challenges
	cp -R themes challenges $(share)/kodelab/
	chmod -R u=rwX,go=rX $(share)/kodelab
	install -m 644 docs/man/kodelab.1 $(share)/man/man1/
	install -m 644 docs/man/kodelab-challenge.5 $(share)/man/man5/
	$(if $(kodelabd),install -m 755 $(kodelabd) $(DESTDIR)$(PREFIX)/bin/kodelabd)
	$(if $(kodelabd),install -D -m 644 docs/man/kodelabd.8 $(share)/man/man8/kodelabd.8)
	$(if $(kodelabd),install -d $(DESTDIR)$(PREFIX)/lib/systemd/system)
	$(if $(kodelabd),sed 's|/usr/local/bin|$(PREFIX)/bin|' docs/kodelabd.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/kodelabd.service)
	install -d $(share)/bash-completion/completions $(share)/zsh/site-functions $(share)/fish/vendor_completions.d
	$(out)/kodelab completion bash >$(share)/bash-completion/completions/kodelab
	$(out)/kodelab completion zsh >$(share)/zsh/site-functions/_kodelab
	$(out)/kodelab completion fish >$(share)/fish/vendor_completions.d/kodelab.fish
	chmod 644 $(share)/bash-completion/completions/kodelab $(share)/zsh/site-functions/_kodelab \
		$(share)/fish/vendor_completions.d/kodelab.fish

uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/libexec/kodelab $(share)/kodelab
	rm -f $(DESTDIR)$(PREFIX)/bin/kodelabd $(DESTDIR)$(PREFIX)/lib/systemd/system/kodelabd.service $(share)/man/man8/kodelabd.8
	rm -f $(DESTDIR)$(PREFIX)/bin/kodelab $(share)/man/man1/kodelab.1 $(share)/man/man5/kodelab-challenge.5
	rm -f $(share)/bash-completion/completions/kodelab $(share)/zsh/site-functions/_kodelab \
		$(share)/fish/vendor_completions.d/kodelab.fish

help:
	@echo 'make run             install what is missing, build, open the lab'
	@echo 'make                 build into build/release (BUILD=debug|asan|coverage, CC=clang, WERROR=1, V=1)'
	@echo 'make check           install what the tests need, build, run every test'
	@echo 'make unit            the unit tests alone'
	@echo 'make check-asan      every test under AddressSanitizer and UBSan'
	@echo 'make check-valgrind  the unit tests under valgrind'
	@echo 'make fuzz            every fuzz target for FUZZ_SECONDS=600'
	@echo 'make soak            kill the lab at ROUNDS=500 moments of each kind (SEED=)'
	@echo 'make chaos           ROUNDS=1000 runs on judges elsewhere, with faults dealt (SEED=)'
	@echo 'make faults          a class server killed ROUNDS=1000 times under CLIENTS=200, its power cut before every step (SEED=)'
	@echo 'make term            STUDENTS=200 with labs and a class server, killed and cut off, for ROUNDS=10 days (SEED=)'
	@echo 'make coverage        build/coverage/html'
	@echo 'make bench           measure, side by side with nano, vim and micro (QUICK=1)'
	@echo 'make lint            layers, headers, lengths, formatting, gcc and clang with -Werror, analysers'
	@echo 'make format          clang-format over the tree'
	@echo 'make install         PREFIX=/usr/local DESTDIR=   (and make uninstall)'
	@echo 'make clean           remove build/'

clean:
	rm -rf build

-include $(lib_obj:.o=.d) $(box_obj:.o=.d) $(filter_rules).d $(git_obj:.o=.d) $(server_obj:.o=.d) $(tui_obj:.o=.d) $(wildcard $(out)/tests/*/*.d)

.PHONY: all tests unit check check-asan check-valgrind coverage fuzz soak chaos faults term bench lint format run install uninstall help clean
.DELETE_ON_ERROR:
.SECONDARY:
