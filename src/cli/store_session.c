#include "cli/store_session.h"

#include "jose/master_key_open.h"

enum result store_session_open(struct store_session *session, const struct store_options *options, enum store_mode mode, bool with_key,
                               struct problem *problem)
{
	memset(session, 0, sizeof *session);
	session->url = slice_from(options->store != NULL ? options->store : DEFAULT_STORE);
	enum result result = store_open(session->url, mode, &session->store, problem);
	if (result == RESULT_OK && with_key)
		result = master_key_open(session->store, session->url, options->master_key, mode != STORE_READ_ONLY, &session->master_key, problem);
	return result;
}

void store_session_close(struct store_session *session)
{
	store_close(session->store);
	master_key_wipe(&session->master_key);
}

enum result partition_missing(struct problem *problem, const char *named)
{
	return problem_set(problem, RESULT_NOT_FOUND, "there is no partition %.64s (writ export shows them)", named);
}
