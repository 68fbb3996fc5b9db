/* New judges, and keys for those that are there: two forms. What is done with them is the same as on the command line. */
#include "judges_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tui/judges.h"
#include "tui/keyring.h"

enum { ADD_NAME, ADD_KIND, ADD_ADDRESS, ADD_KEY, ADD_AGREE, ADD_CA, ADD_PROXY, ADD_USER, ADD_COUNT };
enum { KEY_SECRET, KEY_AGREE, KEY_COUNT };

#define KEY_HELP "What the judge wants to see of you; it is kept encrypted and never shown. Empty: the judge is open"

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

/* A secret that was typed is taken only with its owner's consent, and where the master key is to be had. */
static bool may_keep(struct pane *form, const char *secret, const char *agrees)
{
	struct kl_error err = { .status = KL_OK };

	if (!*secret)
		return true;
	if (strcmp(agrees, "yes") != 0)
		kl_fail(&err, KL_EDENIED, "A key is only taken with its owner's consent: read 'I agree' and say yes.");
	else if (!app_keyring(form->app, &err))
		return true;
	form_complain(form, err.message);
	return false;
}

/* --- a judge ------------------------------------------------------------------------------------------------------ */

static void added(struct app *app, struct pane *form, void *ctx)
{
	struct pane *pane = ctx;
	struct judges *judges = pane->state;
	const char *secret = form_value(form, ADD_KEY), *user = form_value(form, ADD_USER);
	const char *proxy = form_value(form, ADD_PROXY);
	const struct kl_instance_spec spec = {
		.name = form_value(form, ADD_NAME),
		.kind = form_value(form, ADD_KIND),
		.url = or_null(form_value(form, ADD_ADDRESS)),
		.ca_file = or_null(form_value(form, ADD_CA)),
		.proxy = strcmp(proxy, "-") == 0 ? "" : or_null(proxy),
	};
	struct kl_error err;

	if (!may_keep(form, *secret ? secret : user, form_value(form, ADD_AGREE)))
		return;
	if (judges_add(app->elsewhere.instances, app->keyring.pool, &spec,
		       &(struct judge_secrets){ or_null(secret), or_null(user) }, &err)) {
		form_complain(form, err.message);
		return;
	}
	snprintf(judges->name, sizeof(judges->name), "%s", spec.name);
	app_close(app, form);
	judges_read(pane);
	for (size_t i = 0; i < judges->count; i++)
		if (strcmp(judges->rows[i].name, judges->name) == 0)
			judges->scroll.selected = i;
	judges_ask(pane, judges->name);
}

static char *kind_words(void)
{
	struct kl_buf words;

	kl_buf_init(&words, 1024);
	for (size_t i = 0; i < kl_instance_kind_count(); i++)
		kl_buf_addf(&words, "%s%s", i ? " " : "", kl_instance_kind_at(i)->word);
	return kl_buf_detach(&words);
}

void judges_form(struct pane *pane)
{
	char *kinds = kind_words();
	const struct form_field fields[ADD_COUNT] = {
		[ADD_NAME] = { .label = "Name", .help = "What you call it: small letters, digits and '-'" },
		[ADD_KIND] = { .label = "Kind",
			       .kind = FORM_CHOICE,
			       .initial = "self-hosted",
			       .choices = kinds,
			       .help = "Self-hosted: a Judge0 or kodelabd of your school or your own. The others are "
				       "providers, where one needs a key and a day has so many requests" },
		[ADD_ADDRESS] = { .label = "Address",
				  .help = "https://judge.school.example or http://127.0.0.1:2358; empty for a provider, "
					  "whose address is known" },
		[ADD_KEY] = { .label = "Key", .kind = FORM_SECRET, .help = KEY_HELP },
		[ADD_AGREE] = { .label = "I agree", .kind = FORM_AGREE, .help = kl_keypool_consent(KL_KEY_PRIVATE) },
		[ADD_CA] = { .label = "CA file",
			     .help = "Path of a certificate that vouches for the judge; empty: those this machine "
				     "trusts" },
		[ADD_PROXY] = { .label = "Proxy",
				.help = "Address of a proxy to go through, '-' for none at all; empty: as the "
					"environment says" },
		[ADD_USER] = { .label = "Second key",
			       .kind = FORM_SECRET,
			       .help = "For a judge with authorization (X-Auth-User), so that what was judged can be "
				       "deleted there. Kept as the key is; empty: none" },
	};

	form_open(pane->app, " A judge elsewhere ", "Add it", fields, ADD_COUNT, added, pane);
	free(kinds);
}

/* --- a key -------------------------------------------------------------------------------------------------------- */

static void key_given(struct app *app, struct pane *form, void *ctx)
{
	struct pane *pane = ctx;
	struct judges *judges = pane->state;
	const struct kl_instance *judge = kl_instances_find(app->elsewhere.instances, judges->name);
	const char *secret = form_value(form, KEY_SECRET);
	struct kl_error err;

	if (!judge || !may_keep(form, secret, form_value(form, KEY_AGREE)))
		return;
	if (judges_add_key(app->keyring.pool, judge, secret, &err)) {
		form_complain(form, err.message);
		return;
	}
	app_close(app, form);
	judges_read(pane);
	judges_ask(pane, judges->name);
}

void judges_key_form(struct pane *pane)
{
	struct judges *judges = pane->state;
	const struct form_field fields[KEY_COUNT] = {
		[KEY_SECRET] = { .label = "Key", .kind = FORM_SECRET, .help = KEY_HELP },
		[KEY_AGREE] = { .label = "I agree", .kind = FORM_AGREE, .help = kl_keypool_consent(KL_KEY_PRIVATE) },
	};
	char *title = kl_format(" A key for %s ", judges->name);

	form_open(pane->app, title, "Keep it", fields, KEY_COUNT, key_given, pane);
	free(title);
}
