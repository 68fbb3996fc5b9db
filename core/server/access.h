#ifndef CORE_SERVER_ACCESS_H
#define CORE_SERVER_ACCESS_H

/*
 * Who may do what, in one place: a route names a row of one table, the row says which role is the least, and how the
 * one who asks must stand to the object that the route's path names. Handlers decide nothing of it.
 *
 * What is not there and what is not to be seen get the same answer, 404: nobody learns what others have. Who may see an
 * object, but not do this with it, gets 403.
 */

#include <stdbool.h>

#include <kodelab/id.h>

struct request;

enum role { ROLE_NOBODY, ROLE_STUDENT, ROLE_INSTRUCTOR, ROLE_ADMIN, ROLE_COUNT }; /* rising; numbers are in the store */

const char *role_word(enum role role); /* "STUDENT" */
bool role_parse(enum role *out, const char *word);

#define ACTOR_NAME_SIZE 65

/* Who asks. All zero: nobody who is known. */
struct actor {
	char id[KL_ID_SIZE]; /* of the user; "": the administrator's own program, by a token of authz.tokens */
	char name[ACTOR_NAME_SIZE];
	char session[KL_ID_SIZE];
	enum role role;
};

/* How the actor stands to an object, as far as its area can tell; each row of the table says what it needs. */
enum relation {
	RELATION_NONE, /* it is not there, or not to be seen: 404 */
	RELATION_READER, /* may see it: a member of the course, the reader of a pack */
	RELATION_HELPER, /* a teaching assistant */
	RELATION_OWNER, /* the course's instructor, the submission's or the pack's author */
};

/* Looks the route's arguments up and says how request->actor stands to what they name. */
typedef enum relation relation_fn(struct request *request);

/* For rows of the table. */
relation_fn access_is_user, access_session, access_user_there, access_pupil;
/* How the actor stands to the pack that the route names (class/packs.c). */
relation_fn packs_relation;

#define ACCESS_STAFF_ALONE  "only the staff of the course can do this; its instructor can make you an assistant"
#define ACCESS_COURSE_ALONE "only an instructor of the course can do this; ask one of them"

/* clang-format off */
#define ACCESS_MAP(X)                                                                                                  \
	/* name         word             least role       relation   needs, and what those are told who may not */     \
	X(GATES,        "by its gates",  ROLE_NOBODY,     NULL,      RELATION_NONE, "") /* of the Judge0 API: route.h */\
	X(OPEN,         "everybody",     ROLE_NOBODY,     NULL,      RELATION_NONE, "")                                \
	X(SIGNED_IN,    "signed in",     ROLE_STUDENT,    NULL,      RELATION_NONE, "")                                \
	X(USER,         "user",          ROLE_STUDENT,    access_is_user, RELATION_OWNER, /* a person, not a program */\
	  "only a user can do this, not a program with a token of authz.tokens: sign in")                             \
	X(OWN_SESSION,  "user",          ROLE_STUDENT,    access_session, RELATION_OWNER,                              \
	  "only the user himself can do this: sign in as him")                                                        \
	X(INSTRUCTOR,   "instructor",    ROLE_INSTRUCTOR, NULL,      RELATION_NONE,                                    \
	  "only instructors can do this; an administrator of the class server can make you one")                      \
	X(ADMIN,        "administrator", ROLE_ADMIN,      NULL,      RELATION_NONE,                                    \
	  "only administrators of the class server can do this; ask one of them")                                     \
	X(COURSE_MEMBER,     "member of the course",     ROLE_STUDENT, courses_relation,     RELATION_READER, "")      \
	X(COURSE_STAFF,      "staff of the course",      ROLE_STUDENT, courses_relation,     RELATION_HELPER,          \
	  ACCESS_STAFF_ALONE)                                                                                         \
	X(COURSE_INSTRUCTOR, "instructor of the course", ROLE_STUDENT, courses_relation,     RELATION_OWNER,           \
	  ACCESS_COURSE_ALONE)                                                                                        \
	/* An assignment that has not opened is there for staff alone. */                                              \
	X(ASSIGNMENT_MEMBER,     "member of the course",     ROLE_STUDENT, assignments_relation, RELATION_READER, "")  \
	X(ASSIGNMENT_STAFF,      "staff of the course",      ROLE_STUDENT, assignments_relation, RELATION_HELPER,      \
	  ACCESS_STAFF_ALONE)                                                                                         \
	X(ASSIGNMENT_INSTRUCTOR, "instructor of the course", ROLE_STUDENT, assignments_relation, RELATION_OWNER,       \
	  ACCESS_COURSE_ALONE)                                                                                        \
	X(COURSE_PUBLISHER, "instructor, and of the course", ROLE_INSTRUCTOR, courses_relation, RELATION_OWNER,        \
	  "only an instructor of the class server who is one of the course, too, can do this; ask an administrator")  \
	X(COURSE_PACK_AUTHOR, "instructor of the course and the pack's author", ROLE_STUDENT, kept_packs_relation, RELATION_OWNER, \
	  "only the pack's author can do this, as an instructor of the course; ask him")                              \
	X(PACK_READER,  "signed in",     ROLE_STUDENT,    packs_relation, RELATION_READER, "")                         \
	X(PACK_AUTHOR,  "the pack's author", ROLE_INSTRUCTOR, packs_relation, RELATION_OWNER,                          \
	  "only the pack's author can do this; publish yours under another id")                                       \
	X(ADMIN_OF_USER, "administrator", ROLE_ADMIN,     access_user_there, RELATION_OWNER,                           \
	  "only administrators of the class server can do this; ask one of them")                                     \
	X(TEACHER_OF_USER, "who teaches the user", ROLE_STUDENT, access_pupil, RELATION_OWNER,                         \
	  "only who teaches this user can do this; ask the instructor of his course")                                 \
	X(WORK,         "who handed it in or teaches", ROLE_STUDENT, works_relation, RELATION_READER, "")
/* clang-format on */

#define X(name, word, least, relation, needs, refusal) ACCESS_##name,
enum access { ACCESS_MAP(X) ACCESS_COUNT };
#undef X

const char *access_word(enum access access); /* "course staff", for the table of rights */

/* Finds out who asks, and whether the route's row lets him. false: the refusal was answered. */
bool access_pass(struct request *request);
/* Is it anybody known at all? For paths below /api that are no route. false: the refusal was answered. */
bool access_known(struct request *request);
/*
 * On a route for everybody that does something else for who is signed in: the token that came is nobody's (any more), and 401
 * was answered, so that nobody is taken for a stranger because his session is over.
 */
bool access_refuses_token(struct request *request);

#endif
