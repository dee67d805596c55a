-- Statistics and operations are read at the cost of what is shown.

-- Operations are searched by what their path begins with, as everything is: without regard to ASCII case.
DROP INDEX api_operation_by_path;
CREATE INDEX api_operation_by_path ON api_operation (partition, path COLLATE NOCASE, path, method, api);
CREATE INDEX api_operation_search ON api_operation (partition, api, path COLLATE NOCASE, path, method);

-- Statistics are read as sums: of a step, of all (member 0) or of what has one flow (1), client application (2) or reason (3).
CREATE TABLE statistic_sum (
	partition TEXT NOT NULL,
	step INTEGER NOT NULL,
	measure INTEGER NOT NULL,
	member INTEGER NOT NULL,
	at INTEGER NOT NULL,
	key TEXT NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (partition, step, measure, member, at, key)
) STRICT, WITHOUT ROWID;

-- Whoever counts changes the sums. Sums and rows are swept alike.
CREATE TRIGGER statistic_added AFTER INSERT ON statistic BEGIN
	INSERT INTO statistic_sum (partition, step, measure, member, at, key, count) VALUES
		(NEW.partition, NEW.step, NEW.measure, 0, NEW.at, '', NEW.count),
		(NEW.partition, NEW.step, NEW.measure, 1, NEW.at, NEW.flow, NEW.count),
		(NEW.partition, NEW.step, NEW.measure, 2, NEW.at, NEW.client_id, NEW.count),
		(NEW.partition, NEW.step, NEW.measure, 3, NEW.at, NEW.reason, NEW.count)
		ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;
CREATE TRIGGER statistic_counted AFTER UPDATE OF count ON statistic BEGIN
	INSERT INTO statistic_sum (partition, step, measure, member, at, key, count) VALUES
		(NEW.partition, NEW.step, NEW.measure, 0, NEW.at, '', NEW.count - OLD.count),
		(NEW.partition, NEW.step, NEW.measure, 1, NEW.at, NEW.flow, NEW.count - OLD.count),
		(NEW.partition, NEW.step, NEW.measure, 2, NEW.at, NEW.client_id, NEW.count - OLD.count),
		(NEW.partition, NEW.step, NEW.measure, 3, NEW.at, NEW.reason, NEW.count - OLD.count)
		ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;

INSERT INTO statistic_sum SELECT partition, step, measure, 0, at, '', sum(count) FROM statistic GROUP BY partition, step, measure, at;
INSERT INTO statistic_sum SELECT partition, step, measure, 1, at, flow, sum(count) FROM statistic GROUP BY partition, step, measure, at, flow;
INSERT INTO statistic_sum SELECT partition, step, measure, 2, at, client_id, sum(count) FROM statistic GROUP BY partition, step, measure, at, client_id;
INSERT INTO statistic_sum SELECT partition, step, measure, 3, at, reason, sum(count) FROM statistic GROUP BY partition, step, measure, at, reason;
CREATE INDEX statistic_sum_by_time ON statistic_sum (step, at);
