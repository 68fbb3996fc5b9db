/* The table of kodelabd's options. docs/man/kodelabd.8 and `kodelabd --options` show the same rows. */

#include "core/server/settings.h"

#include <kodelab/alloc.h>

#define STRING(name, initial, help)                                                                                    \
	{                                                                                                              \
		{ name, KL_OPTION_STRING, initial, NULL, false, NULL, help }, false                                    \
	}
#define SECRET(name, help)                                                                                             \
	{                                                                                                              \
		{ name, KL_OPTION_STRING, "", NULL, true, NULL, help }, false                                          \
	}
#define BOOL(name, initial, help)                                                                                      \
	{                                                                                                              \
		{ name, KL_OPTION_BOOL, initial, NULL, false, NULL, help }, false                                      \
	}
#define INT(name, initial, range, help)                                                                                \
	{                                                                                                              \
		{ name, KL_OPTION_INT, initial, range, false, NULL, help }, false                                      \
	}
#define AT_START(name, type, initial, choices, help)                                                                   \
	{                                                                                                              \
		{ name, type, initial, choices, false, NULL, help }, true                                              \
	}

#define MS_MAX  "0 3600000"
#define KIB_MAX "0 67108864"

/* clang-format off */
static const struct setting options[] = {
	AT_START("listen", KL_OPTION_STRING, "127.0.0.1:2358", NULL, "Addresses to listen on: address:port, [address]:port, unix:/path"),
	STRING("public_url", "", "Where people reach this server, as https://lab.example.org; empty: as the client that asks does"),
	AT_START("data", KL_OPTION_STRING, "/var/lib/kodelabd", NULL, "Folder of the database"),
	AT_START("tls.certificate", KL_OPTION_STRING, "", NULL, "PEM file with the server's certificate and those between it and the authority; empty: no TLS"),
	AT_START("tls.key", KL_OPTION_STRING, "", NULL, "PEM file with its private key, readable by this account alone"),
	{ { "log.level", KL_OPTION_CHOICE, "info", "error warn info debug", false, NULL, "How much is logged to standard error" }, false },
	BOOL("log.requests", "true", "One line for each request"),

	INT("limits.connections", "2048", "1 4096", "Open connections; further ones wait"),
	INT("limits.connections_per_address", "256", "1 4096", "Of one address (IPv6: of one /64); further ones are closed"),
	AT_START("limits.head_kib", KL_OPTION_INT, "32", "4 1024", "Memory of one connection: request line and headers must leave 1 KiB of it"),
	INT("limits.body_kib", "16384", "1 1048576", "Largest body of a request"),
	INT("limits.bodies_kib", "131072", "1 16777216", "Of all bodies being received, together"),
	INT("limits.list_kib", "16384", "1 1048576", "Submissions of one page of the list, as stored; further ones of the page are left off"),
	INT("limits.head_s", "10", "1 600", "A request's headers must be there after so long"),
	INT("limits.body_s", "60", "1 3600", "A request's body must be there after so long"),
	INT("limits.idle_s", "20", "1 3600", "A connection without a request is closed after so long"),
	INT("limits.send_s", "60", "1 3600", "An answer must be taken after so long"),
	INT("limits.wait_s", "600", "1 3600", "wait=true answers with what there is after so long"),
	INT("stop.deadline_s", "30", "0 3600", "When stopping, what runs may run on for so long; then it is queued again"),

	STRING("access.allow_ip", "", "Only these addresses and networks may connect, unix for the unix socket; empty: all"),
	STRING("access.deny_ip", "", "These may not"),
	STRING("access.metrics", "127.0.0.0/8 ::1 unix", "Who may read /metrics"),
	STRING("access.proxies", "", "Proxies whose X-Forwarded-For says from where somebody signs in; unix for the unix socket"),
	STRING("access.allow_origin", "*", "Origins of web pages that may use the API; * is all, empty is none"),
	STRING("access.disallow_origin", "", "Origins that may not"),
	STRING("authn.header", "X-Auth-Token", "Header that carries the token"),
	SECRET("authn.tokens", "Tokens that may use the API, parted by blanks; empty: everybody may"),
	STRING("authz.header", "X-Auth-User", "Header that carries the token for listing and deleting"),
	SECRET("authz.tokens", "Tokens that may list and delete; empty: nobody may"),
	BOOL("maintenance", "false", "Refuse new submissions"),
	STRING("maintenance_message", "Judge0 is currently in maintenance.", "What is said meanwhile"),

	{ { "accounts.registration", KL_OPTION_CHOICE, "invitation", "closed invitation open", false, NULL, "Who may register: nobody, who has an invitation, everybody" }, false },
	STRING("github.client_id", "", "Client id of the OAuth app by which people sign in with GitHub; empty: they cannot"),
	STRING("github.url", "https://github.com", "Where GitHub's device flow is"),
	STRING("github.api", "https://api.github.com", "and its API"),
	INT("accounts.requests_per_minute", "100", "0 1000000", "Requests of one user; 0: as many as they like"),
	INT("accounts.submissions_per_minute", "5", "0 1000000", "Submissions of one user; 0: as many as they like"),
	INT("accounts.login_failures", "10", "1 1000000", "Wrong passwords in 15 minutes, of one address for one account"),
	INT("accounts.hash_kib", "65536", "8 4194304", "Memory that hashing a password takes (Argon2id)"),
	INT("accounts.hash_passes", "2", "1 100", "and passes over it"),
	AT_START("accounts.hash_workers", KL_OPTION_INT, "0", "0 256", "Passwords hashed at the same time; 0: as many as there are processors"),
	AT_START("accounts.hash_queue", KL_OPTION_INT, "1024", "1 100000", "Passwords that wait to be hashed; one more is refused, with Retry-After"),

	AT_START("judge.enabled", KL_OPTION_BOOL, "true", NULL, "Run programs on this machine"),
	AT_START("judge.executor", KL_OPTION_CHOICE, "local", "local remote auto", "Where programs run: here, on judges elsewhere (see KEYS), or elsewhere if the walls here are too weak"),
	AT_START("judge.remote_workers", KL_OPTION_INT, "16", "1 256", "Submissions at the same time on judges elsewhere"),
	AT_START("judge.unsafe", KL_OPTION_STRING, "", NULL, "The sentence that lets the judge run without full isolation: see kodelabd(8)"),
	AT_START("judge.workers", KL_OPTION_INT, "0", "0 256", "Programs at the same time; 0: as many as there are processors"),
	AT_START("judge.languages", KL_OPTION_STRING, "", NULL, "Judge0 ids of the languages that are offered; empty: all that are installed"),
	INT("queue.max", "10000", "1 1000000", "Waiting submissions; one more is refused: queue is full"),
	INT("queue.max_mib", "1024", "1 1048576", "Of all of them together, as sent"),
	BOOL("queue.fair", "true", "No token, or address (IPv6: /64) without tokens, gets more of the queue than what is then still free"),
	INT("queue.rate_per_minute", "0", "0 1000000", "Submissions of one token, or address (IPv6: /64) without tokens; 0: as many as they like"),
	INT("queue.tries", "3", "1 100", "Attempts at a submission when the sandbox itself fails"),
	INT("queue.keep_days", "30", "0 36500", "Finished submissions are forgotten after so many days; 0: never"),
	AT_START("keys.master_file", KL_OPTION_STRING, "", NULL, "File with the master key that seals keys of judges; empty: -keys/master.key after the name of the data folder"),
	{ { "keys.strategy", KL_OPTION_CHOICE, "owner-first", "owner-first least-used round-robin random", false, NULL, "Which of several keys is used" }, false },
	BOOL("keys.fair", "true", "Divide the second half of the shared keys' day among those who use them"),
	INT("keys.daily_limit", "50", "0 1000000000", "Requests a day of a key, when its owner does not say; 0: unlimited"),
	INT("keys.reserve", "5", "0 1000000000", "Of them kept for exams and the owner's own submits"),
	BOOL("keys.validate", "true", "Try each key once a day, by a request that runs nothing"),
	INT("keys.check_s", "900", "1 86400", "Pause between two keys that are tried; less when there are many"),
	STRING("class.name", "KodeLab class", "What labs call this server"),
	AT_START("class.receipt_key", KL_OPTION_STRING, "", NULL, "File with the key that signs receipts; empty: -keys/receipt.key after the name of the data folder"),
	AT_START("class.waiting_max", KL_OPTION_INT, "200", "1 100000", "Submissions of one user that may wait to be judged"),
	AT_START("class.kept_mib", KL_OPTION_INT, "64", "1 1048576", "How much is kept of what one user hands in: code, and 1 KiB an item"),
	INT("class.lease_s", "0", "0 86400", "How long judging a submission may take before it is tried again; 0: by its tests"),
	INT("class.listeners", "1000", "0 4096", "Who may listen for results at the same time"),
	INT("class.listeners_per_user", "4", "1 100", "Of one user"),
	STRING("callbacks.allow", "", "Hosts that callbacks may go to: host, host:port, *.host; empty: callbacks are off"),
	STRING("callbacks.networks", "", "Inner addresses and networks that these hosts may have; without it a name that stands for one is not called"),
	INT("callbacks.max", "10000", "1 1000000", "Callbacks that wait; further ones are dropped, and the log says so"),
	INT("callbacks.pause_ms", "2000", "1 3600000", "Pause after the first try that fails; doubled each time, ten minutes at most, half of it by chance"),

	BOOL("judge0.enable_wait_result", "true", "wait=true is allowed"),
	BOOL("judge0.enable_compiler_options", "true", "compiler_options are allowed"),
	STRING("judge0.allowed_languages_for_compile_options", "", "Only for these languages, by the first word of the name; empty: for all"),
	BOOL("judge0.enable_command_line_arguments", "true", "command_line_arguments are allowed"),
	BOOL("judge0.enable_submission_delete", "false", "Submissions may be deleted"),
	BOOL("judge0.enable_callbacks", "true", "callback_url is allowed (and callbacks.allow names its host)"),
	INT("judge0.callbacks_max_tries", "3", "1 100", "Attempts at a callback"),
	INT("judge0.callbacks_timeout_ms", "5000", "1 600000", "How long a callback may take"),
	BOOL("judge0.enable_additional_files", "true", "additional_files are allowed"),
	INT("judge0.cpu_time_limit_ms", "5000", MS_MAX, "CPU time of a run when the submission does not say"),
	INT("judge0.max_cpu_time_limit_ms", "15000", MS_MAX, "and the most that it may say; compiling has this much"),
	INT("judge0.cpu_extra_time_ms", "1000", MS_MAX, "How long beyond it a program is left to end by itself"),
	INT("judge0.max_cpu_extra_time_ms", "5000", MS_MAX, "and the most"),
	INT("judge0.wall_time_limit_ms", "10000", MS_MAX, "Wall clock of a run"),
	INT("judge0.max_wall_time_limit_ms", "20000", MS_MAX, "and the most; compiling has this much"),
	INT("judge0.memory_limit_kib", "128000", KIB_MAX, "Memory of a run"),
	INT("judge0.max_memory_limit_kib", "512000", KIB_MAX, "and the most; compiling has this much"),
	INT("judge0.stack_limit_kib", "64000", KIB_MAX, "Stack of a run"),
	INT("judge0.max_stack_limit_kib", "128000", KIB_MAX, "and the most"),
	INT("judge0.max_processes_and_or_threads", "60", "1 190", "Processes and threads of a run"),
	INT("judge0.max_max_processes_and_or_threads", "120", "1 190", "and the most"),
	BOOL("judge0.enable_per_process_and_thread_time_limit", "false", "Taken and kept; the limit is always that of all processes"),
	BOOL("judge0.allow_enable_per_process_and_thread_time_limit", "true", "A submission may ask for it"),
	BOOL("judge0.enable_per_process_and_thread_memory_limit", "false", "Limit the address space of each process too"),
	BOOL("judge0.allow_enable_per_process_and_thread_memory_limit", "true", "A submission may ask for it"),
	INT("judge0.max_file_size_kib", "1024", "0 32768", "Largest file, and output, of a run"),
	INT("judge0.max_max_file_size_kib", "4096", "0 32768", "and the most"),
	INT("judge0.number_of_runs", "1", "1 100", "How often a program is run"),
	INT("judge0.max_number_of_runs", "20", "1 100", "and the most"),
	BOOL("judge0.redirect_stderr_to_stdout", "false", "Both outputs in one"),
	INT("judge0.max_extract_size_kib", "10240", "0 32768", "What one file of additional_files is cut at"),
	BOOL("judge0.enable_batched_submissions", "true", "Batches are allowed"),
	INT("judge0.max_submission_batch_size", "20", "1 10000", "Submissions in a batch"),
};
/* clang-format on */

size_t setting_count(void)
{
	return KL_LENGTH(options);
}

const struct setting *setting_at(size_t index)
{
	return index < KL_LENGTH(options) ? &options[index] : NULL;
}
