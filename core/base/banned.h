#ifndef KODELAB_BANNED_H
#define KODELAB_BANNED_H

/* Calls that are wrong here, as compile errors; forced into every file by the Makefile (-include). The headers
 * that declare them come first, so that only uses are caught. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* clang with _FORTIFY_SOURCE has macros of these names: poison what stands behind them */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok atoi atol system popen gmtime localtime ctime asctime

#endif
