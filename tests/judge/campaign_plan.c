/* What is judged, and what happens meanwhile: all from the seed. */

#include "tests/judge/campaign.h"

#include <kodelab/alloc.h>

#include "tests/judge/chaos_plan.h"

const char *const campaign_names[CAMPAIGN_SERVERS] = { "runner", "batch" };
const char *const campaign_languages[CAMPAIGN_SERVERS] = { "46 50 63 71 72 89", "46 63 71 72 89" };

/* --- challenges --------------------------------------------------------------------------------------------------- */

#define META(kind, cpu_ms)                                                                                              \
	"{\"format\": 1, \"title\": \"T\", \"summary\": \"S\", \"difficulty\": \"BEGINNER\", \"category\": \"basics\"," \
	" \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], " kind ", \"limits\": {\"cpu_ms\": " cpu_ms "}}"
#define FUNCTION                                                                                                          \
	"\"kind\": \"function\", \"function\": {\"name\": \"twice\", \"params\": [{\"name\": \"n\", \"type\": \"int\"}]," \
	" \"returns\": \"int\"}"
#define PROGRAM "\"kind\": \"program\""

const char *campaign_meta(enum campaign_challenge challenge)
{
	static const char *const metas[CAMPAIGN_CHALLENGES] = {
		[CAMPAIGN_FUNCTION] = META(FUNCTION, "3000"),
		[CAMPAIGN_PROGRAM] = META(PROGRAM, "3000"),
		[CAMPAIGN_SHORT] = META(PROGRAM, "200"),
	};

	return metas[challenge];
}

const char *campaign_tests(enum campaign_challenge challenge)
{
	static const char functions[] =
		"{\"tests\": [{\"id\": \"one\", \"sample\": true, \"args\": {\"n\": 1}, \"expect\": 2},"
		" {\"id\": \"five\", \"sample\": true, \"args\": {\"n\": 5}, \"expect\": 10},"
		" {\"id\": \"none\", \"args\": {\"n\": 0}, \"expect\": 0}]}";
	static const char programs[] =
		"{\"tests\": [{\"id\": \"one\", \"sample\": true, \"stdin\": \"1\\n\", \"stdout\": \"2\\n\"},"
		" {\"id\": \"five\", \"sample\": true, \"stdin\": \"5\\n\", \"stdout\": \"10\\n\"},"
		" {\"id\": \"none\", \"stdin\": \"0\\n\", \"stdout\": \"0\\n\"}]}";

	return challenge == CAMPAIGN_FUNCTION ? functions : programs;
}

/* --- programs ----------------------------------------------------------------------------------------------------- */

#define GOOD    KL_VERDICT_PASSED
#define WRONG   KL_VERDICT_WRONG
#define RUNTIME KL_VERDICT_RUNTIME
#define TIME    KL_VERDICT_TIME
#define REFUSED                                                                                                        \
	{                                                                                                              \
		KL_VERDICT_COMPILE, KL_VERDICT_COMPILE, KL_VERDICT_COMPILE                                             \
	}

/* clang-format off */
static const struct campaign_program programs[] = {
	{ "py f passes",   "python", "def twice(n):\n    return 2 * n\n", CAMPAIGN_FUNCTION, { GOOD, GOOD, GOOD } },
	{ "py f wrong",    "python", "def twice(n):\n    return 11 if n == 5 else 2 * n\n", CAMPAIGN_FUNCTION, { GOOD, WRONG, GOOD } },
	{ "py f raises",   "python", "def twice(n):\n    return 2 * n if n else 1 // n\n", CAMPAIGN_FUNCTION, { GOOD, GOOD, RUNTIME } },
	{ "py f refused",  "python", "def twice(n:\n    return 2 * n\n", CAMPAIGN_FUNCTION, REFUSED },
	{ "py passes",     "python", "print(2 * int(input()))\n", CAMPAIGN_PROGRAM, { GOOD, GOOD, GOOD } },
	{ "py wrong",      "python", "n = int(input())\nprint(n if n == 1 else 2 * n)\n", CAMPAIGN_PROGRAM, { WRONG, GOOD, GOOD } },
	{ "py exits",      "python", "import sys\nn = int(input())\nprint(2 * n)\nsys.exit(3 if n == 5 else 0)\n", CAMPAIGN_PROGRAM, { GOOD, RUNTIME, GOOD } },
	{ "py too long",   "python", "n = int(input())\nwhile n == 5: pass\nprint(2 * n)\n", CAMPAIGN_SHORT, { GOOD, TIME, GOOD } },
	{ "bash passes",   "bash",   "read -r n\necho $((2 * n))\n", CAMPAIGN_PROGRAM, { GOOD, GOOD, GOOD } },
	{ "bash wrong",    "bash",   "read -r n\necho $((2 + n))\n", CAMPAIGN_PROGRAM, { WRONG, WRONG, WRONG } },
	{ "bash fails",    "bash",   "read -r n\necho $((2 * n))\n[ \"$n\" != 0 ] || exit 7\n", CAMPAIGN_PROGRAM, { GOOD, GOOD, RUNTIME } },
	{ "bash refused",  "bash",   "read -r n\nif true; then\necho $((2 * n))\n", CAMPAIGN_PROGRAM, REFUSED },
	{ "ruby passes",   "ruby",   "puts 2 * gets.to_i\n", CAMPAIGN_PROGRAM, { GOOD, GOOD, GOOD } },
	{ "js passes",     "javascript", "const n = +require('fs').readFileSync(0, 'utf8');\nconsole.log(2 * n);\n", CAMPAIGN_PROGRAM, { GOOD, GOOD, GOOD } },
	{ "c passes",      "c", "#include <stdio.h>\nint main(void)\n{\n\tint n;\n\tif (scanf(\"%d\", &n) != 1)\n\t\treturn 1;\n\tprintf(\"%d\\n\", 2 * n);\n}\n", CAMPAIGN_PROGRAM, { GOOD, GOOD, GOOD } },
	{ "c refused",     "c", "int main(void)\n{\n\treturn n;\n}\n", CAMPAIGN_PROGRAM, REFUSED },
};
/* clang-format on */

/* splitmix64, as in chaos_plan.c: every number of the sequence from its place alone. */
static uint64_t number_at(uint64_t seed, uint64_t place)
{
	uint64_t z = seed + (place + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t draw(uint64_t seed, size_t student, size_t which, size_t below)
{
	return (size_t)(number_at(number_at(seed, student), which) % below);
}

/* --- plans -------------------------------------------------------------------------------------------------------- */

static bool has_c(unsigned servers)
{
	return servers == 1;
}

static const struct campaign_program *program_of(uint64_t seed, size_t student, size_t run)
{
	struct campaign_student plan;
	size_t place = 100 + 10 * run;

	campaign_student_of(&plan, seed, student);
	for (;;) {
		const struct campaign_program *program = &programs[draw(seed, student, place++, KL_LENGTH(programs))];

		if (has_c(plan.servers) || strcmp(program->language, "c") != 0)
			return program;
	}
}

void campaign_run_of(struct campaign_run *out, uint64_t seed, size_t student, size_t run)
{
	static const char *const sleeps[] = { "", "", "import time\ntime.sleep(0.2)\n",
					      "import time\ntime.sleep(0.5)\n" };
	bool again = run > 0 && draw(seed, student, 91 + 10 * run, 6) == 0;
	size_t of = again ? run - 1 : run;
	const struct campaign_program *program = program_of(seed, student, of);
	bool python = !strcmp(program->language, "python");
	bool slashes = !strcmp(program->language, "c") || !strcmp(program->language, "javascript");

	if (again) {
		campaign_run_of(out, seed, student, of);
		out->again = true;
		return;
	}
	*out = (struct campaign_run){
		.program = program,
		.samples = draw(seed, student, 92 + 10 * run, 2) == 0,
		.code = kl_format("%s%s%s %llu.%zu.%zu\n", python ? sleeps[draw(seed, student, 93 + 10 * run, 4)] : "",
				  program->code, slashes ? "//" : "#", (unsigned long long)seed, student, run),
	};
}

void campaign_student_of(struct campaign_student *out, uint64_t seed, size_t student)
{
	size_t tls;

	*out = (struct campaign_student){
		.profile = 1 + draw(seed, student, 0, chaos_profile_count() - 1), /* the first is calm */
		.servers = (unsigned)draw(seed, student, 1, 4),
		.weather = number_at(seed, student),
		.cache = draw(seed, student, 2, 2) == 0,
		.kill_run = draw(seed, student, 3, 2 * CAMPAIGN_RUNS),
		.kill_at_token = draw(seed, student, 4, 2) == 0,
		.kill_ms = (int)draw(seed, student, 5, 2) * (int)draw(seed, student, 6, 1200),
	};
	if (out->servers == 0)
		out->servers = 3;
	if (out->kill_run > CAMPAIGN_RUNS)
		out->kill_run = CAMPAIGN_RUNS;
	out->tls = chaos_profile_find(&tls, "tls") && out->profile == tls;
}

struct campaign_blow campaign_blow_of(uint64_t seed, size_t n)
{
	return (struct campaign_blow){
		.after = 15 + draw(~seed, n, 0, 20),
		.server = draw(~seed, n, 1, CAMPAIGN_SERVERS),
		.away_ms = (int)draw(~seed, n, 2, 2500),
	};
}
