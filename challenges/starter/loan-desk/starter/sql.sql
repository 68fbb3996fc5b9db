-- readers(id, name)   books(id, title)   loans(book_id, reader_id, taken, back)
-- Write one query: every reader, the number of books at home, and the title
-- of the one that has been out for the longest time.

SELECT name, 0, '-'
FROM readers
ORDER BY name, id;
