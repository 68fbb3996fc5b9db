/* What never changes. */

#include "core/server/judge0_routes.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/server.h"

void info_home(struct request *request)
{
	answer_text(request, 200, "");
}

void info_about(struct request *request)
{
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "version", SERVER_JUDGE0_VERSION);
	jsonout_text(&body, "homepage", "https://github.com/kodelab/kodelab");
	jsonout_text(&body, "source_code", "https://github.com/kodelab/kodelab");
	jsonout_text(&body, "maintainer", "KodeLab");
	jsonout_text(&body, "server", "kodelabd " KL_VERSION);
	kl_buf_add_char(&body, '}');
	answer_json(request, 200, &body);
}

void info_version(struct request *request)
{
	answer_text(request, 200, SERVER_JUDGE0_VERSION);
}

void info_isolate(struct request *request)
{
	answer_text(request, 200, "kodelab-box " KL_VERSION "\n");
}

void info_license(struct request *request)
{
	answer_text(request, 200, "See the file LICENSE of KodeLab.\n");
}
