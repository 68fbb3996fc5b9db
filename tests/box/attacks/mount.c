/* Changes of the file system view. */
#include "attack.h"
#include <sys/mount.h>

int main(void)
{
	denied("mount tmpfs", mount("none", "/tmp", "tmpfs", 0, NULL));
	denied("mount proc", mount("none", "/proc", "proc", 0, NULL));
	denied("remount", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
	denied("bind", mount("/usr", "/box", NULL, MS_BIND, NULL));
	denied("umount", umount2("/usr", MNT_DETACH));
	denied("umount box", umount2("/box", MNT_DETACH));
	denied("pivot_root", syscall(SYS_pivot_root, "/box", "/box"));
	denied("chroot", chroot("/box"));
	denied("fsopen", syscall(430, "tmpfs", 0));
	denied("open_tree", syscall(428, -100, "/usr", 1));
	denied("move_mount", syscall(429, -100, "/usr", -100, "/box", 0));
	denied("mount_setattr", syscall(442, -100, "/usr", 0, NULL, 0));
	return escaped;
}
