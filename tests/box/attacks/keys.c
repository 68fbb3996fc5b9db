/* Keyrings outlive processes. */
#include "attack.h"

int main(void)
{
	denied("add_key", syscall(SYS_add_key, "user", "kodelab-escaped", "x", 1, -4));
	denied("request_key", syscall(SYS_request_key, "user", "kodelab-escaped", NULL, -4));
	denied("keyctl", syscall(SYS_keyctl, 0, -4, 1));
	return escaped;
}
