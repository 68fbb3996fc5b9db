#ifndef KODELAB_STORE_SQL_COURSES_H
#define KODELAB_STORE_SQL_COURSES_H

/*
 * The statements of courses, in the class server's store: see sql.h. Role 1 is a student, 3 an instructor; a work of state 3
 * is one that the judge could not judge.
 */

/* clang-format off */
#define SQL_COURSE_COLUMNS                                                                                             \
	"SELECT c.id, c.owner, c.code, c.title, c.joining, c.archived, c.created_ms,"                                  \
	" (SELECT COUNT(*) FROM course_members s WHERE s.course = c.id AND s.role = 1),"                               \
	" COALESCE(m.role, 0), COALESCE(m.hidden, 0), COALESCE(m.team, ''), COALESCE(m.joined_ms, 0),"                 \
	" COALESCE(m.total, 0.0) "
#define SQL_MEMBER_COLUMNS                                                                                             \
	"SELECT m.user_id, m.team, u.name, u.display, m.role, m.hidden, m.joined_ms, m.total, m.seen_ms, m.seen_pack," \
	" m.seen_slug, m.seen_what"
#define SQL_MEMBER_TABLES                                                                                              \
	" FROM course_members m JOIN users u ON u.id = m.user_id"                                                      \
	" WHERE m.course = $1 AND m.role >= $2 AND m.role <= $3 AND m.hidden <= $4 "
/* Of the challenge where he was last seen; below 0: none was judged. */
#define SQL_MEMBER_BEST                                                                                                \
	"COALESCE((SELECT MAX(k.score) FROM assignments a JOIN assignment_marks k ON k.assignment = a.id"              \
	" WHERE a.course = $1 AND k.user_id = m.user_id AND k.pack = m.seen_pack AND k.slug = m.seen_slug), -1.0)"
#define SQL_ASSIGNMENT_COLUMNS                                                                                         \
	"SELECT a.id, a.course, a.place, a.title, a.instructions, a.opens_ms, a.due_ms, a.grace_ms, a.late,"           \
	" a.late_percent, a.late_floor, a.late_until_ms, a.created_ms, COALESCE(e.due_ms, 0), COALESCE(s.score, 0.0)," \
	" COALESCE(s.solved, 0), COALESCE(s.tried, 0), COALESCE(s.late, 0), COALESCE(s.last_ms, 0) FROM assignments a" \
	" LEFT JOIN assignment_extensions e ON e.assignment = a.id AND e.user_id = $1"                                 \
	" LEFT JOIN assignment_scores s ON s.course = a.course AND s.user_id = $1 AND s.assignment = a.id "
#define SQL_MARK_PLACE_COLUMNS                                                                                         \
	"SELECT a.course, a.id, i.pack, i.slug, a.opens_ms, a.due_ms, a.grace_ms, a.late, a.late_percent,"             \
	" a.late_floor, a.late_until_ms, COALESCE(e.due_ms, 0) "

#define SQL_COURSES_MAP(X)                                                                                             \
	X(SQL_COURSE_ADD,                                                                                              \
	  "INSERT INTO courses (id, owner, code, title, joining, archived, created_ms)"                                \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7)")                                                                      \
	X(SQL_COURSE_PUT, "UPDATE courses SET title = $1, joining = $2, archived = $3 WHERE id = $4")                  \
	X(SQL_COURSE_RECODE, "UPDATE courses SET code = $1 WHERE id = $2")                                             \
	X(SQL_COURSE_GET,                                                                                              \
	  SQL_COURSE_COLUMNS                                                                                           \
	  "FROM courses c LEFT JOIN course_members m ON m.course = c.id AND m.user_id = $1 WHERE c.id = $2")           \
	X(SQL_COURSE_BY_CODE,                                                                                          \
	  SQL_COURSE_COLUMNS                                                                                           \
	  "FROM courses c LEFT JOIN course_members m ON m.course = c.id AND m.user_id = $1 WHERE c.code = $2")         \
	X(SQL_COURSE_LIST,                                                                                             \
	  SQL_COURSE_COLUMNS                                                                                           \
	  "FROM courses c JOIN course_members m ON m.course = c.id WHERE m.user_id = $1 AND c.archived <= $2"          \
	  " ORDER BY c.created_ms DESC, c.id DESC LIMIT $3 OFFSET $4")                                                 \
	X(SQL_COURSE_LIST_ALL,                                                                                         \
	  SQL_COURSE_COLUMNS                                                                                           \
	  "FROM courses c LEFT JOIN course_members m ON m.course = c.id AND m.user_id = $1 WHERE c.archived <= $2"     \
	  " ORDER BY c.created_ms DESC, c.id DESC LIMIT $3 OFFSET $4")                                                 \
	X(SQL_COURSE_COUNT,                                                                                            \
	  "SELECT COUNT(*) FROM courses c JOIN course_members m ON m.course = c.id"                                    \
	  " WHERE m.user_id = $1 AND c.archived <= $2")                                                                \
	X(SQL_COURSE_COUNT_ALL, "SELECT COUNT(*) FROM courses WHERE archived <= $1")                                   \
	X(SQL_COURSE_CREATED, "SELECT COUNT(*) FROM courses WHERE owner = $1")                                         \
	X(SQL_COURSE_CODE_USED, "SELECT COUNT(*) FROM courses WHERE code = $1")                                        \
	X(SQL_COURSE_IDS, "SELECT course FROM course_members WHERE user_id = $1 ORDER BY course")                      \
	                                                                                                               \
	X(SQL_MEMBER_ROLE, "SELECT role FROM course_members WHERE course = $1 AND user_id = $2")                       \
	X(SQL_MEMBER_ADD,                                                                                              \
	  "INSERT INTO course_members (course, user_id, role, team, hidden, joined_ms, total, seen_ms, seen_pack,"     \
	  " seen_slug, seen_what) VALUES ($1, $2, $3, '', 0, $4, 0.0, 0, '', '', '')")                                 \
	X(SQL_MEMBER_PROMOTE, "UPDATE course_members SET role = $1, team = '' WHERE course = $2 AND user_id = $3")     \
	X(SQL_MEMBER_REMOVE, "DELETE FROM course_members WHERE course = $1 AND user_id = $2")                          \
	X(SQL_MEMBER_HIDE, "UPDATE course_members SET hidden = $1 WHERE course = $2 AND user_id = $3")                 \
	X(SQL_MEMBER_TEAM, "UPDATE course_members SET team = $1 WHERE course = $2 AND user_id = $3 AND role = 1")      \
	/* The progress that a submission makes comes right behind it, and says less than that. */                     \
	X(SQL_MEMBER_SEEN,                                                                                             \
	  "UPDATE course_members SET seen_ms = $1, seen_pack = $2, seen_slug = $3, seen_what ="                         \
	  " CASE WHEN $4 = 'progress' AND seen_what = 'submitted' AND seen_pack = $2 AND seen_slug = $3"               \
	  " AND seen_ms > $1 - 10000 THEN seen_what ELSE $4 END"                                                       \
	  " WHERE user_id = $5 AND seen_ms <= $1 AND course IN (SELECT a.course FROM assignment_items i"               \
	  " JOIN assignments a ON a.id = i.assignment WHERE i.pack = $2 AND i.slug = $3)")                             \
	X(SQL_MEMBER_COUNT, "SELECT COUNT(*) FROM course_members WHERE course = $1")                                   \
	X(SQL_MEMBER_INSTRUCTORS,                                                                                      \
	  "SELECT COUNT(*) FROM course_members WHERE course = $1 AND user_id <> $2 AND role = 3")                      \
	X(SQL_MEMBERS_COUNT,                                                                                           \
	  "SELECT COUNT(*) FROM course_members WHERE course = $1 AND role >= $2 AND role <= $3 AND hidden <= $4")      \
	X(SQL_MEMBERS_BY_NAME, SQL_MEMBER_COLUMNS ", -1.0" SQL_MEMBER_TABLES "ORDER BY u.name LIMIT $5 OFFSET $6")                                \
	X(SQL_MEMBERS_BY_SEEN,                                                                                         \
	  "SELECT m.*, " SQL_MEMBER_BEST " FROM (" SQL_MEMBER_COLUMNS SQL_MEMBER_TABLES                                \
	  "ORDER BY m.seen_ms DESC, u.name LIMIT $5 OFFSET $6) m ORDER BY m.seen_ms DESC, m.name")                     \
	X(SQL_MEMBERS_BY_TOTAL, SQL_MEMBER_COLUMNS ", -1.0" SQL_MEMBER_TABLES "ORDER BY m.total DESC, u.name LIMIT $5 OFFSET $6")                 \
	X(SQL_MEMBERS_AHEAD,                                                                                           \
	  "SELECT COUNT(*) FROM course_members WHERE course = $1 AND role = 1 AND hidden = 0 AND total > $2")          \
	X(SQL_MEMBER_TEACHES,                                                                                          \
	  "SELECT COALESCE(MAX(t.role), 0) FROM course_members t JOIN course_members s ON s.course = t.course"         \
	  " WHERE t.user_id = $1 AND t.role >= 2 AND s.user_id = $2 AND s.role = 1")                                   \
	X(SQL_MEMBER_TEACHES_WORK,                                                                                     \
	  "SELECT COALESCE(MAX(t.role), 0) FROM assignment_items i JOIN assignments a ON a.id = i.assignment"          \
	  " JOIN course_members t ON t.course = a.course AND t.user_id = $1 AND t.role >= 2"                           \
	  " JOIN course_members s ON s.course = a.course AND s.user_id = $2 AND s.role = 1"                            \
	  " WHERE i.pack = $3 AND i.slug = $4")                                                                        \
	X(SQL_MEMBER_MOST, "SELECT COALESCE(MAX(role), 0) FROM course_members WHERE user_id = $1")                     \
	                                                                                                               \
	X(SQL_ROSTER_PUT,                                                                                              \
	  "INSERT INTO course_roster (course, look, name, display) VALUES ($1, $2, $3, $4)"                            \
	  " ON CONFLICT (course, look) DO UPDATE SET name = excluded.name, display = excluded.display")                \
	X(SQL_ROSTER_REMOVE, "DELETE FROM course_roster WHERE course = $1 AND look = $2")                              \
	X(SQL_ROSTER_HAS, "SELECT COUNT(*) FROM course_roster WHERE course = $1 AND look = $2")                        \
	X(SQL_ROSTER_COUNT, "SELECT COUNT(*) FROM course_roster WHERE course = $1")                                    \
	X(SQL_ROSTER,                                                                                                  \
	  "SELECT r.name, r.display, CASE WHEN m.user_id IS NULL THEN 0 ELSE 1 END FROM course_roster r"               \
	  " LEFT JOIN users u ON u.look = r.look"                                                                      \
	  " LEFT JOIN course_members m ON m.course = r.course AND m.user_id = u.id"                                    \
	  " WHERE r.course = $1 ORDER BY r.look LIMIT $2 OFFSET $3")                                                   \
	                                                                                                               \
	X(SQL_TEAM_ADD, "INSERT INTO course_teams (id, course, name) VALUES ($1, $2, $3)")                             \
	X(SQL_TEAM_RENAME, "UPDATE course_teams SET name = $1 WHERE id = $2 AND course = $3")                          \
	X(SQL_TEAM_REMOVE, "DELETE FROM course_teams WHERE id = $1 AND course = $2")                                   \
	X(SQL_TEAM_EMPTY, "UPDATE course_members SET team = '' WHERE course = $1 AND team = $2")                       \
	X(SQL_TEAM_HAS, "SELECT COUNT(*) FROM course_teams WHERE id = $1 AND course = $2")                             \
	X(SQL_TEAM_NAMED, "SELECT COUNT(*) FROM course_teams WHERE course = $1 AND name = $2 AND id <> $3")            \
	X(SQL_TEAM_COUNT, "SELECT COUNT(*) FROM course_teams WHERE course = $1")                                       \
	X(SQL_TEAMS,                                                                                                   \
	  "SELECT t.id, t.name, COALESCE(m.user_id, ''), COALESCE(m.total, 0.0) FROM course_teams t"                   \
	  " LEFT JOIN course_members m ON m.course = t.course AND m.team = t.id"                                       \
	  " WHERE t.course = $1 ORDER BY t.name, t.id, m.user_id")                                                     \
	                                                                                                               \
	X(SQL_ASSIGNMENT_ADD,                                                                                          \
	  "INSERT INTO assignments (id, course, place, title, instructions, opens_ms, due_ms, grace_ms, late,"         \
	  " late_percent, late_floor, late_until_ms, created_ms, told) VALUES ($1, $2,"                                \
	  " (SELECT COALESCE(MAX(place), 0) + 1 FROM assignments WHERE course = $2),"                                  \
	  " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")                                                          \
	X(SQL_ASSIGNMENT_PUT,                                                                                          \
	  "UPDATE assignments SET title = $1, instructions = $2, opens_ms = $3, due_ms = $4, grace_ms = $5, late = $6,"\
	  " late_percent = $7, late_floor = $8, late_until_ms = $9, told = $10 WHERE id = $11 AND course = $12")       \
	X(SQL_ASSIGNMENT_REMOVE, "DELETE FROM assignments WHERE id = $1 AND course = $2")                              \
	X(SQL_ASSIGNMENT_HAS, "SELECT COUNT(*) FROM assignments WHERE id = $1 AND course = $2")                        \
	X(SQL_ASSIGNMENT_COUNT, "SELECT COUNT(*) FROM assignments WHERE course = $1")                                  \
	X(SQL_ASSIGNMENTS,                                                                                             \
	  SQL_ASSIGNMENT_COLUMNS "WHERE a.course = $2 AND a.opens_ms <= $3 ORDER BY a.place, a.id")                    \
	X(SQL_ASSIGNMENT_GET, SQL_ASSIGNMENT_COLUMNS "WHERE a.course = $2 AND a.opens_ms <= $3 AND a.id = $4")         \
	X(SQL_ASSIGNMENTS_UNTOLD,                                                                                      \
	  "SELECT id, course FROM assignments WHERE told = 0 AND opens_ms <= $1 ORDER BY opens_ms LIMIT 100")          \
	X(SQL_ASSIGNMENT_TOLD, "UPDATE assignments SET told = 1 WHERE id = $1")                                        \
	X(SQL_ASSIGNMENTS_NEXT, "SELECT COALESCE(MIN(opens_ms), 0) FROM assignments WHERE told = 0")                   \
	X(SQL_ASSIGNMENT_SETS,                                                                                         \
	  "SELECT COUNT(*) FROM assignment_items i JOIN assignments a ON a.id = i.assignment"                          \
	  " JOIN course_members m ON m.course = a.course WHERE i.pack = $1 AND (i.slug = $2 OR $2 = '')"               \
	  " AND m.user_id = $3 AND (a.opens_ms <= $4 OR m.role >= 2)")                                                 \
	                                                                                                               \
	X(SQL_ITEM_ADD,                                                                                                \
	  "INSERT INTO assignment_items (assignment, place, pack, slug, points) VALUES ($1, $2, $3, $4, $5)")          \
	X(SQL_ITEMS_REMOVE, "DELETE FROM assignment_items WHERE assignment = $1")                                      \
	X(SQL_ITEMS,                                                                                                   \
	  "SELECT i.assignment, i.pack, i.slug, i.points, COALESCE(k.counted, 0.0), COALESCE(k.tries, 0)"              \
	  " FROM assignments a JOIN assignment_items i ON i.assignment = a.id"                                         \
	  " LEFT JOIN assignment_marks k ON k.assignment = i.assignment AND k.user_id = $1 AND k.pack = i.pack"        \
	  " AND k.slug = i.slug WHERE a.course = $2 AND a.opens_ms <= $3 ORDER BY a.place, a.id, i.place")             \
	X(SQL_ITEMS_OF,                                                                                                \
	  "SELECT i.assignment, i.pack, i.slug, i.points, COALESCE(k.counted, 0.0), COALESCE(k.tries, 0)"              \
	  " FROM assignment_items i"                                                                                   \
	  " LEFT JOIN assignment_marks k ON k.assignment = i.assignment AND k.user_id = $1 AND k.pack = i.pack"        \
	  " AND k.slug = i.slug WHERE i.assignment = $2 ORDER BY i.place")                                             \
	                                                                                                               \
	X(SQL_KEPT_PACK_ADD,                                                                                           \
	  "INSERT INTO course_packs (pack, course) VALUES ($1, $2) ON CONFLICT (pack, course) DO NOTHING")             \
	X(SQL_KEPT_PACK_REMOVE, "DELETE FROM course_packs WHERE pack = $1 AND course = $2")                            \
	X(SQL_KEPT_PACK_HAS, "SELECT COUNT(*) FROM course_packs WHERE pack = $1 AND course = $2")                      \
	X(SQL_KEPT_PACKS, "SELECT pack FROM course_packs WHERE course = $1 ORDER BY pack")                             \
	/* Those that no course keeps in which the user teaches, or has something of it set that has opened. */        \
	X(SQL_HIDDEN_PACKS,                                                                                            \
	  "SELECT DISTINCT k.pack FROM course_packs k WHERE NOT EXISTS"                                                \
	  " (SELECT 1 FROM course_packs c JOIN course_members m ON m.course = c.course AND m.user_id = $1"             \
	  " WHERE c.pack = k.pack AND (m.role >= 2 OR EXISTS"                                                          \
	  " (SELECT 1 FROM assignments a JOIN assignment_items i ON i.assignment = a.id"                               \
	  " WHERE a.course = c.course AND i.pack = c.pack AND a.opens_ms <= $2))) ORDER BY k.pack")                    \
	X(SQL_HIDDEN_PACK,                                                                                             \
	  "SELECT COUNT(*) FROM course_packs k WHERE k.pack = $1 AND NOT EXISTS"                                       \
	  " (SELECT 1 FROM course_packs c JOIN course_members m ON m.course = c.course AND m.user_id = $2"             \
	  " WHERE c.pack = k.pack AND (m.role >= 2 OR EXISTS"                                                          \
	  " (SELECT 1 FROM assignments a JOIN assignment_items i ON i.assignment = a.id"                               \
	  " WHERE a.course = c.course AND i.pack = c.pack AND a.opens_ms <= $3)))")                                    \
	                                                                                                               \
	X(SQL_EXTENSION_PUT,                                                                                           \
	  "INSERT INTO assignment_extensions (assignment, user_id, due_ms, reason, given_by, at_ms)"                   \
	  " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (assignment, user_id) DO UPDATE SET due_ms = excluded.due_ms," \
	  " reason = excluded.reason, given_by = excluded.given_by, at_ms = excluded.at_ms")                           \
	X(SQL_EXTENSION_REMOVE, "DELETE FROM assignment_extensions WHERE assignment = $1 AND user_id = $2")            \
	X(SQL_EXTENSIONS_REMOVE, "DELETE FROM assignment_extensions WHERE assignment = $1")                            \
	X(SQL_EXTENSION_HAS, "SELECT COUNT(*) FROM assignment_extensions WHERE assignment = $1 AND user_id = $2")      \
	X(SQL_EXTENSIONS,                                                                                              \
	  "SELECT e.user_id, e.given_by, u.name, u.display, e.reason, e.due_ms, e.at_ms FROM assignment_extensions e"  \
	  " JOIN users u ON u.id = e.user_id WHERE e.assignment = $1 ORDER BY u.name")                                 \
	                                                                                                               \
	X(SQL_MARK_PLACES,                                                                                             \
	  SQL_MARK_PLACE_COLUMNS "FROM assignment_items i JOIN assignments a ON a.id = i.assignment"                   \
	  " JOIN course_members m ON m.course = a.course AND m.user_id = $1"                                           \
	  " LEFT JOIN assignment_extensions e ON e.assignment = a.id AND e.user_id = $1"                               \
	  " WHERE i.pack = $2 AND i.slug = $3 ORDER BY a.id")                                                          \
	X(SQL_MARK_PLACES_OF,                                                                                          \
	  SQL_MARK_PLACE_COLUMNS "FROM assignment_items i JOIN assignments a ON a.id = i.assignment"                   \
	  " LEFT JOIN assignment_extensions e ON e.assignment = a.id AND e.user_id = $1"                               \
	  " WHERE i.assignment = $2 ORDER BY i.place")                                                                 \
	X(SQL_TRIES,                                                                                                   \
	  "SELECT id, score, at_ms, received_ms FROM works WHERE user_id = $1 AND pack = $2 AND slug = $3"             \
	  " AND judgings > 0 AND state <> 3 ORDER BY received_ms, id")                                                 \
	X(SQL_MARK_PUT,                                                                                                \
	  "INSERT INTO assignment_marks (assignment, user_id, pack, slug, work, last_work, score, counted, late,"      \
	  " tries, last_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"                                     \
	  " ON CONFLICT (assignment, user_id, pack, slug) DO UPDATE SET work = excluded.work,"                         \
	  " last_work = excluded.last_work, score = excluded.score, counted = excluded.counted, late = excluded.late," \
	  " tries = excluded.tries, last_ms = excluded.last_ms")                                                       \
	X(SQL_MARK_REMOVE,                                                                                             \
	  "DELETE FROM assignment_marks WHERE assignment = $1 AND user_id = $2 AND pack = $3 AND slug = $4")           \
	X(SQL_MARKS_LEFT_OVER,                                                                                         \
	  "DELETE FROM assignment_marks WHERE assignment = $1 AND user_id = $2 AND NOT EXISTS"                         \
	  " (SELECT 1 FROM assignment_items i WHERE i.assignment = assignment_marks.assignment"                        \
	  " AND i.pack = assignment_marks.pack AND i.slug = assignment_marks.slug)")                                   \
	X(SQL_MARKS_OF_NOBODY,                                                                                         \
	  "DELETE FROM assignment_marks WHERE assignment = $1 AND NOT EXISTS (SELECT 1 FROM assignment_items i"        \
	  " WHERE i.assignment = assignment_marks.assignment AND i.pack = assignment_marks.pack"                       \
	  " AND i.slug = assignment_marks.slug)")                                                                      \
	X(SQL_SCORE_GET,                                                                                               \
	  "SELECT score FROM assignment_scores WHERE course = $1 AND user_id = $2 AND assignment = $3")                \
	X(SQL_SCORE_REMOVE,                                                                                            \
	  "DELETE FROM assignment_scores WHERE course = $1 AND user_id = $2 AND assignment = $3")                      \
	X(SQL_SCORES_OF_NOTHING,                                                                                       \
	  "DELETE FROM assignment_scores WHERE course = $1 AND assignment = $2"                                        \
	  " AND NOT EXISTS (SELECT 1 FROM assignments WHERE id = $2)")                                                 \
	X(SQL_SCORE_SUM,                                                                                               \
	  "INSERT INTO assignment_scores (course, user_id, assignment, score, solved, tried, late, last_ms)"           \
	  " SELECT $1, k.user_id, k.assignment, SUM(i.points * k.counted / 100.0),"                                    \
	  " SUM(CASE WHEN k.score >= 100.0 THEN 1 ELSE 0 END), COUNT(*), MAX(k.late), MAX(k.last_ms)"                  \
	  " FROM assignment_marks k JOIN assignment_items i ON i.assignment = k.assignment AND i.pack = k.pack"        \
	  " AND i.slug = k.slug WHERE k.assignment = $2 AND k.user_id = $3 GROUP BY k.user_id, k.assignment")          \
	X(SQL_TOTAL_SUM,                                                                                               \
	  "UPDATE course_members SET total = (SELECT COALESCE(SUM(s.score), 0.0) FROM assignment_scores s"             \
	  " WHERE s.course = course_members.course AND s.user_id = course_members.user_id)"                            \
	  " WHERE course = $1 AND user_id = $2")                                                                       \
	                                                                                                               \
	X(SQL_FAILURES_REMOVE, "DELETE FROM course_failures WHERE pack = $1 AND slug = $2 AND user_id = $3")           \
	X(SQL_FAILURE_ADD,                                                                                             \
	  "INSERT INTO course_failures (pack, slug, user_id, test) VALUES ($1, $2, $3, $4)"                            \
	  " ON CONFLICT (pack, slug, user_id, test) DO NOTHING")                                                       \
	X(SQL_FAILING,                                                                                                 \
	  "SELECT i.pack, i.slug, f.test, COUNT(*) FROM assignments a JOIN assignment_items i ON i.assignment = a.id"  \
	  " JOIN course_failures f ON f.pack = i.pack AND f.slug = i.slug"                                             \
	  " JOIN course_members m ON m.course = a.course AND m.user_id = f.user_id AND m.role = 1"                     \
	  " WHERE a.id = $1 GROUP BY i.pack, i.slug, f.test ORDER BY COUNT(*) DESC, i.pack, i.slug, f.test LIMIT $2")  \
	                                                                                                               \
	X(SQL_ASSIGNMENTS_TRIED,                                                                                       \
	  "SELECT assignment FROM assignment_scores WHERE course = $1 AND user_id = $2"                                \
	  " UNION SELECT i.assignment FROM (SELECT DISTINCT pack, slug FROM works WHERE user_id = $2) w"               \
	  " JOIN assignment_items i ON i.pack = w.pack AND i.slug = w.slug"                                            \
	  " JOIN assignments a ON a.id = i.assignment AND a.course = $1")                                              \
	X(SQL_RESCORE_PUT,                                                                                             \
	  "INSERT INTO assignment_rescores (assignment, course, after_user) VALUES ($1, $2, $3)"                       \
	  " ON CONFLICT (assignment) DO UPDATE SET after_user = excluded.after_user")                                  \
	X(SQL_RESCORE_REMOVE, "DELETE FROM assignment_rescores WHERE assignment = $1")                                 \
	X(SQL_RESCORE_NEXT,                                                                                            \
	  "SELECT course, assignment, after_user FROM assignment_rescores ORDER BY assignment LIMIT 1")                \
	X(SQL_RESCORE_USERS,                                                                                           \
	  "SELECT user_id FROM course_members WHERE course = $1 AND user_id > $2 ORDER BY user_id LIMIT $3")           \
	X(SQL_RESCORING, "SELECT COUNT(*) FROM assignment_rescores WHERE course = $1")                                 \
	                                                                                                               \
	X(SQL_GRADES,                                                                                                  \
	  "SELECT p.user_id, p.name, p.display, p.total, COALESCE(s.assignment, ''), COALESCE(s.score, 0.0),"          \
	  " COALESCE(s.solved, 0), COALESCE(s.tried, 0), COALESCE(s.late, 0) FROM"                                     \
	  " (SELECT m.user_id, u.name, u.display, m.total FROM course_members m JOIN users u ON u.id = m.user_id"      \
	  " WHERE m.course = $1 AND m.role = 1 AND u.name > $2 ORDER BY u.name LIMIT $3 OFFSET $4) p"                  \
	  " LEFT JOIN assignment_scores s ON s.course = $1 AND s.user_id = p.user_id ORDER BY p.name, s.assignment")
/* clang-format on */

#endif
