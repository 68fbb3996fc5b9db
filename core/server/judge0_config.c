/* GET /config_info: what this judge allows, under Judge0's 39 names. */

#include <string.h>

#include <kodelab/alloc.h>

#include "core/server/judge0_routes.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"

enum config_type { CONFIG_BOOL, CONFIG_INT, CONFIG_SECONDS, CONFIG_WORDS, CONFIG_FIXED, CONFIG_CALLBACKS };

/* clang-format off */
static const struct config_row {
	const char *name;
	enum config_type type;
	const char *option; /* FIXED: the value as JSON */
} rows[] = {
	{ "maintenance_mode",                                     CONFIG_BOOL,      "maintenance" },
	{ "enable_wait_result",                                   CONFIG_BOOL,      "judge0.enable_wait_result" },
	{ "enable_compiler_options",                              CONFIG_BOOL,      "judge0.enable_compiler_options" },
	{ "allowed_languages_for_compile_options",                CONFIG_WORDS,     "judge0.allowed_languages_for_compile_options" },
	{ "enable_command_line_arguments",                        CONFIG_BOOL,      "judge0.enable_command_line_arguments" },
	{ "enable_submission_delete",                             CONFIG_BOOL,      "judge0.enable_submission_delete" },
	{ "enable_callbacks",                                     CONFIG_CALLBACKS, "judge0.enable_callbacks" },
	{ "callbacks_max_tries",                                  CONFIG_INT,       "judge0.callbacks_max_tries" },
	{ "callbacks_timeout",                                    CONFIG_SECONDS,   "judge0.callbacks_timeout_ms" },
	{ "enable_additional_files",                              CONFIG_BOOL,      "judge0.enable_additional_files" },
	{ "max_queue_size",                                       CONFIG_INT,       "queue.max" },
	{ "cpu_time_limit",                                       CONFIG_SECONDS,   "judge0.cpu_time_limit_ms" },
	{ "max_cpu_time_limit",                                   CONFIG_SECONDS,   "judge0.max_cpu_time_limit_ms" },
	{ "cpu_extra_time",                                       CONFIG_SECONDS,   "judge0.cpu_extra_time_ms" },
	{ "max_cpu_extra_time",                                   CONFIG_SECONDS,   "judge0.max_cpu_extra_time_ms" },
	{ "wall_time_limit",                                      CONFIG_SECONDS,   "judge0.wall_time_limit_ms" },
	{ "max_wall_time_limit",                                  CONFIG_SECONDS,   "judge0.max_wall_time_limit_ms" },
	{ "memory_limit",                                         CONFIG_INT,       "judge0.memory_limit_kib" },
	{ "max_memory_limit",                                     CONFIG_INT,       "judge0.max_memory_limit_kib" },
	{ "stack_limit",                                          CONFIG_INT,       "judge0.stack_limit_kib" },
	{ "max_stack_limit",                                      CONFIG_INT,       "judge0.max_stack_limit_kib" },
	{ "max_processes_and_or_threads",                         CONFIG_INT,       "judge0.max_processes_and_or_threads" },
	{ "max_max_processes_and_or_threads",                     CONFIG_INT,       "judge0.max_max_processes_and_or_threads" },
	{ "enable_per_process_and_thread_time_limit",             CONFIG_BOOL,      "judge0.enable_per_process_and_thread_time_limit" },
	{ "allow_enable_per_process_and_thread_time_limit",       CONFIG_BOOL,      "judge0.allow_enable_per_process_and_thread_time_limit" },
	{ "enable_per_process_and_thread_memory_limit",           CONFIG_BOOL,      "judge0.enable_per_process_and_thread_memory_limit" },
	{ "allow_enable_per_process_and_thread_memory_limit",     CONFIG_BOOL,      "judge0.allow_enable_per_process_and_thread_memory_limit" },
	{ "max_file_size",                                        CONFIG_INT,       "judge0.max_file_size_kib" },
	{ "max_max_file_size",                                    CONFIG_INT,       "judge0.max_max_file_size_kib" },
	{ "number_of_runs",                                       CONFIG_INT,       "judge0.number_of_runs" },
	{ "max_number_of_runs",                                   CONFIG_INT,       "judge0.max_number_of_runs" },
	{ "redirect_stderr_to_stdout",                            CONFIG_BOOL,      "judge0.redirect_stderr_to_stdout" },
	{ "max_extract_size",                                     CONFIG_INT,       "judge0.max_extract_size_kib" },
	{ "enable_batched_submissions",                           CONFIG_BOOL,      "judge0.enable_batched_submissions" },
	{ "max_submission_batch_size",                            CONFIG_INT,       "judge0.max_submission_batch_size" },
	{ "submission_cache_duration",                            CONFIG_FIXED,     "0.0" },
	{ "use_docs_as_homepage",                                 CONFIG_FIXED,     "false" },
	{ "enable_network",                                       CONFIG_FIXED,     "false" },
	{ "allow_enable_network",                                 CONFIG_FIXED,     "false" },
};
/* clang-format on */

static void add_words(struct kl_buf *body, const char *words)
{
	char word[64];

	kl_buf_add_char(body, '[');
	for (bool first = true; settings_next_word(&words, word, sizeof(word)); first = false) {
		if (!first)
			kl_buf_add_char(body, ',');
		jsonout_string(body, word, strlen(word));
	}
	kl_buf_add_char(body, ']');
}

static void add_bool(struct kl_buf *body, bool value)
{
	kl_buf_add_str(body, value ? "true" : "false");
}

static void add_row(struct kl_buf *body, const struct config_row *row, const struct settings *settings)
{
	jsonout_key(body, row->name);
	switch (row->type) {
	case CONFIG_BOOL:
		add_bool(body, settings_bool(settings, row->option));
		break;
	case CONFIG_INT:
		kl_buf_add_str(body, settings_string(settings, row->option));
		break;
	case CONFIG_SECONDS:
		jsonout_float(body, (double)settings_int(settings, row->option) / 1000);
		break;
	case CONFIG_WORDS:
		add_words(body, settings_string(settings, row->option));
		break;
	case CONFIG_FIXED:
		kl_buf_add_str(body, row->option);
		break;
	case CONFIG_CALLBACKS: /* without an allowed host there are none */
		add_bool(body, settings_bool(settings, row->option) && *settings_string(settings, "callbacks.allow"));
		break;
	}
}

void info_config(struct request *request)
{
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_char(&body, '{');
	for (size_t i = 0; i < KL_LENGTH(rows); i++)
		add_row(&body, &rows[i], request->server->settings);
	kl_buf_add_char(&body, '}');
	answer_json(request, 200, &body);
}
