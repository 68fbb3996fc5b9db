/* What is asked of a run: whether it makes sense, and as the packet that goes into the box. */

#include <string.h>

#include <kodelab/alloc.h>

#include "core/sandbox/sandbox_int.h"

#define PROCESSES     64u
#define PROCESSES_MAX 200u /* what the box's watch sees at a time (box/watch.c), less some room */
#define MIB           ((uint64_t)1 << 20)

/* --- does it make sense ----------------------------------------------------------------------------------------- */

/* Names are checked inside again; here for the sentence. */
static bool name_fits(const char *name)
{
	size_t len = strlen(name);

	return len && len < 500 && name[0] != '/' && name[len - 1] != '/' && !strstr(name, "//") &&
	       strcmp(name, "..") != 0 && strncmp(name, "../", 3) != 0 && !strstr(name, "/../") &&
	       (len < 3 || strcmp(name + len - 3, "/..") != 0);
}

enum kl_status kl_request_check(const struct kl_box_run *run, struct kl_error *err)
{
	if (!run->argv || !run->argv[0] || run->cpu_ms <= 0 || run->memory_kib <= 0)
		return kl_fail(err, KL_EINVAL, "a run needs a program, a CPU limit and a memory limit");
	if (run->wall_ms < 0 || run->stack_kib < 0 || run->file_kib < 0)
		return kl_fail(err, KL_EINVAL, "a limit of a run is negative");
	if (run->processes > PROCESSES_MAX)
		return kl_fail(err, KL_EINVAL, "a box has room for %u processes, not %u", PROCESSES_MAX,
			       run->processes);
	for (size_t i = 0; i < run->file_count; i++)
		if (!name_fits(run->files[i].name))
			return kl_fail(err, KL_EINVAL, "'%s' is no name for a file in the box", run->files[i].name);
	for (const char *const *entry = run->env; entry && *entry; entry++)
		if (**entry == '=' || !strchr(*entry, '='))
			return kl_fail(err, KL_EINVAL, "'%s' is no NAME=value for the environment", *entry);
	return KL_OK;
}

/* --- the packet ------------------------------------------------------------------------------------------------- */

unsigned kl_request_processes(const struct kl_box_run *run)
{
	return run->processes ? run->processes : PROCESSES;
}

uint64_t kl_request_file_max(const struct kl_box_run *run)
{
	uint64_t most = (run->keep ? 128 : 32) * MIB, asked = (uint64_t)run->file_kib * 1024;

	if (!run->file_kib)
		return (run->keep ? 64 : 16) * MIB;
	return asked < most ? asked : most;
}

struct wire_run kl_request_packet(const struct kl_box_run *run)
{
	struct wire_run packet = { .kind = WIRE_RUN,
				   .keep = run->keep,
				   .address_limit = run->address_limit,
				   .want_result = run->want_result,
				   .inodes = run->keep ? 16384 : 4096,
				   .processes = kl_request_processes(run),
				   .stack_kib = (uint64_t)run->stack_kib,
				   .file_max = kl_request_file_max(run),
				   .tmpfs_max = (run->keep ? 128 : 32) * MIB,
				   .cpu_us = run->cpu_ms * 1000,
				   .wall_us = run->wall_ms * 1000,
				   .memory_kib = run->memory_kib };

	if (!packet.wall_us)
		packet.wall_us = 3 * packet.cpu_us + 2000000;
	if (!packet.stack_kib)
		packet.stack_kib = 64 << 10;
	return packet;
}
