#ifndef CORE_SERVER_VERDICT_H
#define CORE_SERVER_VERDICT_H

/* From how programs ended to Judge0's statuses. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>

struct kl_box_result;
struct submission;

struct verdict {
	int64_t status; /* enum judge0_status; 0: nothing ran yet */
	int runs;
	bool ran; /* false: it was not compiled */
	int64_t cpu_us, peak_kib; /* sums */
	int64_t wall_us; /* of the last run */
	int exit_code, exit_signal; /* signal 0: none */
	char message[80]; /* "": none */
	struct kl_buf compile_output, out, err; /* of the first run */
};

void verdict_release(struct verdict *verdict);
/* false: it was no program, and that is the verdict. */
bool verdict_add_compile(struct verdict *verdict, const struct kl_box_result *result);
void verdict_add_run(struct verdict *verdict, const struct submission *submission, const struct kl_box_result *result);
/* Writes what was found into the submission. */
void verdict_tell(const struct verdict *verdict, struct submission *submission);

/* Judge0's comparison: white space at the ends of lines, and at the end of all, does not count. */
bool verdict_same(const char *expected, size_t expected_len, const char *got, size_t got_len);

#endif
