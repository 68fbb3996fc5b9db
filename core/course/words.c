/* Roles and policies as words. */

#include <kodelab/course.h>

#include <string.h>

#include <kodelab/alloc.h>

static const char *const roles[] = {
	[KL_COURSE_STUDENT] = "STUDENT",
	[KL_COURSE_ASSISTANT] = "TEACHING_ASSISTANT",
	[KL_COURSE_INSTRUCTOR] = "INSTRUCTOR",
};

static const char *const joinings[] = {
	[KL_JOINING_CODE] = "code",
	[KL_JOINING_ROSTER] = "roster",
	[KL_JOINING_CLOSED] = "closed",
};

static const char *const lates[] = {
	[KL_LATE_NONE] = "none",
	[KL_LATE_PERCENT] = "percent",
	[KL_LATE_CUT] = "cut",
};

/* Its place in words; count: it is not there. */
static size_t place(const char *const *words, size_t count, const char *word)
{
	size_t at = 0;

	while (at < count && (!words[at] || strcmp(words[at], word) != 0))
		at++;
	return at;
}

const char *kl_course_role_word(enum kl_course_role role)
{
	return roles[role];
}

bool kl_course_role_read(enum kl_course_role *role, const char *word)
{
	size_t at = place(roles, KL_LENGTH(roles), word);

	if (at == KL_LENGTH(roles))
		return false;
	*role = (enum kl_course_role)at;
	return true;
}

const char *kl_joining_word(enum kl_course_joining joining)
{
	return joinings[joining];
}

bool kl_joining_read(enum kl_course_joining *joining, const char *word)
{
	size_t at = place(joinings, KL_LENGTH(joinings), word);

	if (at == KL_LENGTH(joinings))
		return false;
	*joining = (enum kl_course_joining)at;
	return true;
}

const char *kl_late_word(enum kl_late_kind kind)
{
	return lates[kind];
}

bool kl_late_read(enum kl_late_kind *kind, const char *word)
{
	size_t at = place(lates, KL_LENGTH(lates), word);

	if (at == KL_LENGTH(lates))
		return false;
	*kind = (enum kl_late_kind)at;
	return true;
}
