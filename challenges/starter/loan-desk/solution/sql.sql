SELECT
	r.name,
	COUNT(l.book_id),
	COALESCE((
		SELECT b.title
		FROM loans AS o JOIN books AS b ON b.id = o.book_id
		WHERE o.reader_id = r.id AND o.back IS NULL
		ORDER BY o.taken, b.title
		LIMIT 1), '-')
FROM readers AS r
LEFT JOIN loans AS l ON l.reader_id = r.id AND l.back IS NULL
GROUP BY r.id
ORDER BY COUNT(l.book_id) DESC, r.name, r.id;
