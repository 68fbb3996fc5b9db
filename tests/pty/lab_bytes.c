/* What the lab costs: bytes, writes and wake-ups, exact pastes, slow lines, storms of sizes. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/path.h>

#include "tools.h"

enum { SAMPLES = 21, MIXED_MAX = 125, BURST = 40, STORM = 200, IDLE_MS = 3000, SETTLE_MS = 1300, LINES = 300 };
enum { WORD = 12, LETTERS = 60, LETTERS_MAX = 6000, WINDOWS = 20, TRIES = 3 };
enum { LINE_BYTES_S = 960, ONE_WAY_MS = 100, TICK_MS = 10, KEYS = 9 };

#define KEY_UP    "\033[A"
#define KEY_DOWN  "\033[B"
#define KEY_RIGHT "\033[C"
#define KEY_LEFT  "\033[D"
#define KEY_LINE  "\033[1;5B" /* the window goes a line down */
#define KEY_ZOOM  "\033OQ"

static int compare_sizes(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The median of what one of these keys costs when nothing else happens; undo takes every second back. */
static size_t median_cost(struct pty *pty, const char *key, const char *back)
{
	size_t costs[SAMPLES];

	for (size_t i = 0; i < KL_LENGTH(costs); i++) {
		size_t before = pty->child.emulator.raw.len;

		child_send(&pty->child, i % 2 ? back : key);
		child_wait_quiet(&pty->child, 25);
		costs[i] = pty->child.emulator.raw.len - before;
	}
	qsort(costs, KL_LENGTH(costs), sizeof(costs[0]), compare_sizes);
	return costs[KL_LENGTH(costs) / 2];
}

enum lines { FEW_COLORS, MANY_COLORS, MIXED };

static void fill_with_code(struct pty *pty, enum lines lines)
{
	struct kl_buf code;

	kl_buf_init(&code, 1 << 20);
	for (int i = 0; i < LINES; i++) {
		switch (lines) {
		case FEW_COLORS:
			kl_buf_addf(&code, "    total = total + step_%d\n    other = total * %d\n", i, i * 7);
			break;
		case MANY_COLORS:
			kl_buf_addf(&code, "    if seats[%d] > 0x%x: return \"coach\" # why\n", i, i * 7);
			break;
		case MIXED:
			kl_buf_addf(&code, "    if seats[%d]: # why\n        return 0x%x + left\n", i, i * 7);
			break;
		}
	}
	child_send(&pty->child, "\033a");
	tools_paste(pty, code.data, code.len);
	kl_buf_release(&code);
	child_wait_quiet(&pty->child, 300);
	child_send(&pty->child, "\033[1;5H"); /* top */
	for (int i = 0; i < 6; i++)
		child_send(&pty->child, "\033[6~");
	child_wait_quiet(&pty->child, SETTLE_MS);
}

static bool costs_at_most(struct pty *pty, const char *name, const char *key, const char *back, size_t most)
{
	size_t cost = median_cost(pty, key, back);

	return (cost > 0 && cost <= most) || REFUSE(pty, "%s costs %zu bytes, %zu are allowed", name, cost, most);
}

static bool keys_cost_few_bytes(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	fill_with_code(pty, FEW_COLORS);
	if (!costs_at_most(pty, "right and left", KEY_RIGHT, KEY_LEFT, 12) ||
	    !costs_at_most(pty, "up and down", KEY_UP, KEY_DOWN, 12) ||
	    !costs_at_most(pty, "a split line scroll", KEY_LINE, KEY_LINE, 125))
		return false;
	child_send(&pty->child, KEY_ZOOM);
	child_wait_quiet(&pty->child, 100);
	return costs_at_most(pty, "a zoomed line scroll", KEY_LINE, KEY_LINE, 90) && pty_leave(pty);
}

/* Six colours of 24 bits in eleven pieces: piece by piece it would be 282. */
static bool colors_cost_few_bytes(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	fill_with_code(pty, MANY_COLORS);
	if (!costs_at_most(pty, "a split line scroll", KEY_LINE, KEY_LINE, 200))
		return false;
	child_send(&pty->child, KEY_ZOOM);
	child_wait_quiet(&pty->child, 100);
	return costs_at_most(pty, "a zoomed line scroll", KEY_LINE, KEY_LINE, 200) && pty_leave(pty);
}

/* A line ends in a colour that the next one has, too: of every two, one need not choose it again. */
static bool next_line_has_its_color(struct pty *pty)
{
	size_t before, cost;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	fill_with_code(pty, MIXED);
	child_send(&pty->child, KEY_ZOOM);
	child_wait_quiet(&pty->child, 100);
	before = pty->child.emulator.raw.len;
	for (int i = 0; i < SAMPLES - 1; i++) {
		child_send(&pty->child, KEY_LINE);
		child_wait_quiet(&pty->child, 25);
	}
	cost = (pty->child.emulator.raw.len - before) / (SAMPLES - 1);
	return (cost > 0 && cost <= MIXED_MAX) || REFUSE(pty, "a line costs %zu bytes", cost);
}

/* The number behind name in a file of /proc/PID. */
static long proc_number(pid_t pid, const char *file, const char *name)
{
	char *path = kl_format("%d/%s", (int)pid, file), *text = tools_file("/proc", path);
	const char *at = strstr(text, name);
	long value = at ? strtol(at + strlen(name), NULL, 10) : -1;

	free(path);
	free(text);
	return value;
}

/* How often it wakes while nothing happens; that it writes nothing either. */
static long wakes_in_a_window(struct pty *pty)
{
	static const char wakes[] = "\nvoluntary_ctxt_switches:";
	size_t before = pty->child.emulator.raw.len;
	long begun = proc_number(pty->child.pid, "status", wakes);

	child_pump(&pty->child, IDLE_MS);
	if (begun <= 0 || pty->child.emulator.raw.len != before)
		return -1;
	return proc_number(pty->child.pid, "status", wakes) - begun;
}

/* However long the journal takes to the disk; who wakes now and then never lets a window pass. */
static bool idle_never_wakes(struct pty *pty)
{
	long woken = -1;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, "x");
	child_wait_quiet(&pty->child, SETTLE_MS); /* the journal goes to the disk within a second */
	for (int i = 0; i < WINDOWS && woken; i++)
		woken = wakes_in_a_window(pty);
	if (woken)
		return REFUSE(pty, "it woke %ld times", woken);
	return pty_leave(pty);
}

/* Moves write nothing but the frame; typing also the journal, so frames are counted by moves. */
static bool one_write_per_frame(struct pty *pty)
{
	char burst[3 * BURST + 1] = "";
	long before;

	if (!pty_workspace(pty, &(struct start){ .features = FEATURE_SYNC }))
		return false;
	fill_with_code(pty, FEW_COLORS);
	before = proc_number(pty->child.pid, "io", "syscw:");
	child_send(&pty->child, "\033[6~");
	child_wait_quiet(&pty->child, 100);
	if (proc_number(pty->child.pid, "io", "syscw:") - before != 1)
		return REFUSE(pty, "a page took %ld writes", proc_number(pty->child.pid, "io", "syscw:") - before);
	for (int i = 0; i < BURST; i++)
		memcpy(burst + 3 * i, "\033[B", 4);
	child_wait_quiet(&pty->child, SETTLE_MS);
	before = proc_number(pty->child.pid, "io", "syscw:");
	child_send(&pty->child, burst);
	child_wait_quiet(&pty->child, 100);
	if (proc_number(pty->child.pid, "io", "syscw:") - before > 3)
		return REFUSE(pty, "%d keys took %ld writes", BURST,
			      proc_number(pty->child.pid, "io", "syscw:") - before);
	return pty_leave(pty);
}

static bool typed_burst_is_few_frames(struct pty *pty)
{
	size_t before;

	if (!pty_workspace(pty, &(struct start){ .rows = 30, .cols = 120 }))
		return false;
	child_send(&pty->child, "\033[1;5F\r# ");
	child_wait_quiet(&pty->child, SETTLE_MS);
	before = pty->child.emulator.raw.len;
	child_send(&pty->child, "thirty_letters_and_ten_more_in_one_blow_");
	REQUIRE(pty, child_wait_text(&pty->child, "in_one_blow", TOOLS_WORK_MS));
	child_wait_quiet(&pty->child, 50);
	if (pty->child.emulator.raw.len - before > 120)
		return REFUSE(pty, "forty letters cost %zu bytes", pty->child.emulator.raw.len - before);
	return pty_leave(pty);
}

static bool big_paste_is_one_step(struct pty *pty)
{
	struct kl_buf text;
	char *starter, *now;
	bool undone, exact;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	starter = tools_file(pty->child.home, WELCOME_FILE);
	kl_buf_init(&text, 1 << 20);
	for (int i = 0; text.len < 100 << 10; i++)
		kl_buf_addf(&text, "%*sline %d (\"[{é世\t%s\n", i % 9, "", i, i % 7 ? "'" : "end");
	child_send(&pty->child, "\033a");
	tools_paste(pty, text.data, text.len);
	child_wait_quiet(&pty->child, 150);
	child_send(&pty->child, "\033u\023");
	child_wait_text(&pty->child, "Saved", TOOLS_WORK_MS);
	now = tools_file(pty->child.home, WELCOME_FILE);
	undone = strcmp(now, starter) == 0;
	free(now);
	free(starter);
	child_send(&pty->child, "\033y");
	child_wait_gone(&pty->child, "Saved", TOOLS_WORK_MS);
	child_send(&pty->child, "\023");
	child_wait_text(&pty->child, "Saved", TOOLS_WORK_MS);
	now = tools_file(pty->child.home, WELCOME_FILE);
	exact = strcmp(now, text.data) == 0;
	free(now);
	kl_buf_release(&text);
	REQUIRE(pty, undone);
	REQUIRE(pty, exact);
	return pty_leave(pty);
}

/* ---- a slow disk ----------------------------------------------------------------------------------------------- */

/* Types the next letter and waits until it is on the screen. */
static bool type_letter(struct pty *pty, size_t number)
{
	char word[WORD + 1] = "", key[2] = { (char)('a' + number / WORD % 26), '\0' };

	if (number % WORD == 0)
		child_send(&pty->child, "\r");
	memset(word, key[0], number % WORD + 1);
	child_send(&pty->child, key);
	REQUIRE(pty, child_wait_text(&pty->child, word, TOOLS_WORK_MS));
	return true;
}

static bool has_note(const struct pty *pty, const char *name)
{
	char *note = kl_path_join(pty->child.home, name);
	bool there = kl_path_exists(note);

	free(note);
	return there;
}

/* The journal's disk hangs, until there is a file "go" in the home; the keys do not wait for that. */
static bool slow_disk_does_not_stop_typing(struct pty *pty)
{
	char *preload = kl_format("LD_PRELOAD=%.*s/tests/slow_disk.so",
				  (int)(strrchr(pty->places->lab, '/') - pty->places->lab), pty->places->lab);
	struct start start = { .env = { preload, "ASAN_OPTIONS=verify_asan_link_order=0" } };
	bool open = pty_workspace(pty, &start);
	size_t letters = 0;

	free(preload);
	if (!open)
		return false;
	child_send(&pty->child, "\033[1;5F\r# ");
	for (; !has_note(pty, "slow") && letters < LETTERS_MAX; child_pump(&pty->child, 10))
		if (!type_letter(pty, letters++))
			return false;
	REQUIRE(pty, has_note(pty, "slow"));
	for (int i = 0; i < LETTERS; i++)
		if (!type_letter(pty, letters++))
			return false;
	tools_put(pty->child.home, "go", "");
	return pty_leave(pty);
}

/* ---- a judge that takes connections and says nothing ------------------------------------------------------------- */

static int listen_silently(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return -1;
	*port = ntohs(address.sin_port);
	return fd;
}

/* Has the lab given up its request? */
static bool still_asks(int fd)
{
	char request[4096];
	ssize_t got;

	while ((got = recv(fd, request, sizeof(request), MSG_DONTWAIT)) > 0)
		continue;
	return got < 0 && errno == EAGAIN;
}

static bool type_beside_run(struct pty *pty, const char *home, int judge, int port)
{
	struct pollfd asked = { .fd = judge, .events = POLLIN };
	char *add = kl_format("judge add silent http://127.0.0.1:%d", port);
	bool added = tools_command(pty, home, add) == 0 && tools_command(pty, home, "config judge silent") == 0, asks;
	struct start start = { .home = home };
	int fd;

	free(add);
	REQUIRE(pty, added);
	if (!pty_workspace(pty, &start))
		return false;
	child_send(&pty->child, "\033[1;5F\r# \033r");
	for (int i = 0; i < TOOLS_WORK_MS / TICK_MS && poll(&asked, 1, 0) == 0; i++)
		child_pump(&pty->child, TICK_MS);
	fd = accept(judge, NULL, NULL);
	REQUIRE(pty, fd >= 0); /* the run is there */
	for (int i = 0; i < LETTERS; i++)
		if (!type_letter(pty, (size_t)i)) {
			close(fd);
			return false;
		}
	asks = still_asks(fd);
	close(fd);
	REQUIRE(pty, asks); /* so none of the letters has waited for the judge */
	return true;
}

static bool silent_judge_does_not_stop_typing(struct pty *pty)
{
	char home[] = "/tmp/kl-pty-XXXXXX";
	int port, judge = listen_silently(&port);
	bool good;

	REQUIRE(pty, judge >= 0 && mkdtemp(home));
	good = type_beside_run(pty, home, judge, port); /* the home is the child's, and goes with it */
	close(judge);
	return good;
}

/* ---- a slow line ----------------------------------------------------------------------------------------------- */

/* What is under way to the screen, with the time each piece arrives: 9600 bit/s, 200 ms there and back. */
struct line {
	struct kl_buf queue;
	int64_t arrives_ms[4096];
	size_t lengths[4096];
	size_t first, last;
};

static void line_tick(struct pty *pty, struct line *line)
{
	char bytes[LINE_BYTES_S * TICK_MS / 1000 + 1];
	int64_t now_ms = kl_clock_mono_ms();
	ssize_t got = read(pty->child.fd, bytes, sizeof(bytes));
	struct kl_buf *answers = &pty->child.emulator.answers;

	if (got > 0) {
		kl_buf_add(&line->queue, bytes, (size_t)got);
		line->lengths[line->last % 4096] = (size_t)got;
		line->arrives_ms[line->last++ % 4096] =
			now_ms + 2 * ONE_WAY_MS; /* the keys' way is counted here, too */
	}
	while (line->first < line->last && line->arrives_ms[line->first % 4096] <= now_ms) {
		size_t len = line->lengths[line->first++ % 4096];

		emulator_feed(&pty->child.emulator, line->queue.data, len);
		kl_buf_consume(&line->queue, len);
	}
	if (answers->len && write(pty->child.fd, answers->data, answers->len) > 0)
		kl_buf_clear(answers);
	poll(NULL, 0, TICK_MS);
}

/* From the key to the screen; -1: it never came. */
static int key_ms(struct pty *pty, struct line *line, char key)
{
	static char word[64];
	int64_t begun_ms = kl_clock_mono_ms();
	size_t len = strlen(word);

	if (len > 20)
		len = 0;
	word[len] = key;
	word[len + 1] = '\0';
	child_send_bytes(&pty->child, &key, 1);
	while (kl_clock_mono_ms() - begun_ms < TOOLS_WORK_MS) {
		line_tick(pty, line);
		if (emulator_has(&pty->child.emulator, word))
			return (int)(kl_clock_mono_ms() - begun_ms);
	}
	return -1;
}

static size_t median_key_ms(struct pty *pty, struct line *line, char first)
{
	size_t times[KEYS];

	for (int i = 0; i < KEYS; i++)
		times[i] = (size_t)key_ms(pty, line, (char)(first + i));
	qsort(times, KEYS, sizeof(times[0]), compare_sizes);
	return times[KEYS / 2];
}

/* Every test prints much and takes its time: the panes change while the keys come. */
#define FLOODING                                                                                                       \
	"import time\ndef seats_left(a, b):\n    print('flood ' * 2000)\n    time.sleep(0.4)\n    return a - b\n#"

static bool floods(struct pty *pty, size_t *idle, size_t *busy)
{
	struct line line = { .first = 0 };

	if (!pty_workspace(pty, &(struct start){ .rows = 30, .cols = 120 }))
		return false;
	kl_buf_init(&line.queue, 1 << 20);
	child_send(&pty->child, "\033a");
	tools_paste(pty, FLOODING, strlen(FLOODING));
	child_wait_quiet(&pty->child, 200);
	*idle = median_key_ms(pty, &line, 'a');
	child_send(&pty->child, "\033s");
	*busy = median_key_ms(pty, &line, 'j');
	kl_buf_release(&line.queue);
	return true;
}

/* Behind what is under way, never behind an answer. The best of some: what else the machine does comes and goes. */
static bool typing_goes_before_floods(struct pty *pty)
{
	size_t idle = 0, busy = 0;

	for (int i = 0; i < TRIES; i++) {
		if (i)
			child_stop(&pty->child);
		if (!floods(pty, &idle, &busy))
			return false;
		if (busy <= 2 * idle)
			return true;
	}
	return REFUSE(pty, "a key takes %zu ms, %zu when idle", busy, idle);
}

/* ---- sizes ----------------------------------------------------------------------------------------------------- */

static bool storm_of_sizes_while_testing(struct pty *pty)
{
	unsigned seed = 815;
	char *shown, *drawn;
	bool same;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, "\033a");
	tools_paste(pty, FLOODING, strlen(FLOODING));
	child_send(&pty->child, "\033r");
	for (int i = 0; i < STORM; i++) {
		child_resize(&pty->child, 1 + (int)tools_chance(&seed, 100), 1 + (int)tools_chance(&seed, 300));
		child_pump(&pty->child, i % 3);
	}
	child_resize(&pty->child, 1, 1);
	child_pump(&pty->child, 5);
	child_resize(&pty->child, 24, 80);
	REQUIRE(pty, child_wait_text(&pty->child, "All 3 sample tests passed", TOOLS_WORK_MS));
	child_wait_quiet(&pty->child, 60);
	shown = pty_picture(pty);
	child_resize(&pty->child, 24, 79); /* everything anew */
	child_wait_quiet(&pty->child, 60);
	child_resize(&pty->child, 24, 80);
	child_wait_quiet(&pty->child, 60);
	drawn = pty_picture(pty);
	same = strcmp(shown, drawn) == 0;
	free(shown);
	free(drawn);
	REQUIRE(pty, same);
	return pty_leave(pty);
}

const struct pty_test bytes_tests[] = {
	{ "keys-cost-few-bytes", keys_cost_few_bytes },
	{ "colors-cost-few-bytes", colors_cost_few_bytes },
	{ "next-line-has-its-color", next_line_has_its_color },
	{ "idle-never-wakes", idle_never_wakes },
	{ "one-write-per-frame", one_write_per_frame },
	{ "typed-burst-is-few-frames", typed_burst_is_few_frames },
	{ "big-paste-is-one-step", big_paste_is_one_step },
	{ "slow-disk-does-not-stop-typing", slow_disk_does_not_stop_typing },
	{ "silent-judge-does-not-stop-typing", silent_judge_does_not_stop_typing },
	{ "typing-goes-before-floods", typing_goes_before_floods },
	{ "storm-of-sizes-while-testing", storm_of_sizes_while_testing },
	{ NULL, NULL },
};
