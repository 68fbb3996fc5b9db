/* Memory that is in nobody's account. */
#include "attack.h"

int main(void)
{
	denied("memfd_create", syscall(SYS_memfd_create, "x", 0));
	denied("memfd_secret", syscall(447, 0));
	denied("shmget", syscall(SYS_shmget, 7777, 64 * MIB, 01666));
	denied("msgget", syscall(SYS_msgget, 7777, 01666));
	denied("semget", syscall(SYS_semget, 7777, 4, 01666));
	denied("mq_open", syscall(SYS_mq_open, "kodelab-escaped", O_CREAT | O_RDWR, 0666, NULL));
	return escaped;
}
