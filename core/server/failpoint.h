#ifndef CORE_SERVER_FAILPOINT_H
#define CORE_SERVER_FAILPOINT_H

/*
 * Where tests kill the server, as a power cut or the kernel would: KL_KILL=place:n in the environment, at the n-th time it comes by
 * there ("any": by any of them), counted from the first item that is handed in, publication or claim on. Without it nothing happens.
 *
 *     commit     the turn has written, nothing of it is on the disk
 *     committed  it is, and nobody was told
 *     answered   answers were given to the kernel
 *     claimed    something was taken from the queue
 *     found      a verdict was written
 */

#include <stdbool.h>

struct failpoint {
	char place[16]; /* "": none */
	long left;
	bool armed;
};

void failpoint_init(struct failpoint *failpoint);
void failpoint_arm(struct failpoint *failpoint);
void failpoint_pass(struct failpoint *failpoint, const char *place);

#endif
