-- Rolled back as a whole: the table is gone again when the division fails.
CREATE TABLE never_seen (id int);
SELECT 1 / 0;
