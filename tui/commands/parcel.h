#ifndef TUI_PARCEL_H
#define TUI_PARCEL_H

/* Work of a machine without a network, as a file: kodelab export --outbox makes it, kodelab import hands it in, or takes what comes back. */

#include "command.h"

/* Is the file one of these? */
bool parcel_is(const char *path);
/* Returns the exit status. */
int parcel_import(struct cli *cli, const char *path);

#endif
