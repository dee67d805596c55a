"""The guards: each is a line of the source without which a named test fails.

A row is (attack or rule, file, what stands there, what stands there without the guard, the test that must fail). The
text must stand in the file exactly once. Tests are pytest node ids, or unit/NAME for a program of tests/unit.
"""

GUARDS = [
    # A4, one kind of token taken for another
    ("A4 typ", "src/jose/jws.c", "if (key != NULL && !type_matches(json_object_text(header, \"typ\"), type))",
     "if (key != NULL && type_matches(json_object_text(header, \"typ\"), type) && false)", "unit/jose/test-jws"),
    # A5, acting for somebody without the right
    ("A5 unassigned scope", "src/oauth/scope_rules.c", "if (!assigned)", "if (!assigned && false)",
     "tests/flows/test_scope_matrix.py::test_a_permission_that_is_not_assigned_is_refused_in_every_flow"),
    ("A5 interactive scope on behalf of", "src/oauth/scope_rules.c", "if (carries[kind][flow] == NO)",
     "if (carries[kind][flow] == NO && flow != FLOW_ON_BEHALF_OF)",
     "tests/flows/test_subjects.py::test_acting_for_somebody_beyond_the_applications_right_is_refused"),
    ("A5 disabled subject", "src/oauth/grants/on_behalf_of.c", "if (result == RESULT_NOT_FOUND || !person.enabled)",
     "if (result == RESULT_NOT_FOUND)",
     "tests/flows/test_subjects.py::test_a_person_who_is_unknown_disabled_or_anothers_is_an_invalid_grant"),
    ("A5 single page application", "src/oauth/token.c",
     "call->application->registered.platform == PLATFORM_SPA && (grant->flags & GRANT_PUBLIC) == 0",
     "call->application->registered.platform == PLATFORM_SPA && false",
     "tests/flows/test_scope_matrix.py::test_a_single_page_application_gets_no_token_without_a_person"),
    ("A5 the other realm's subject", "src/oauth/grants/on_behalf_of.c", "if (users ? email : username || userid)",
     "if ((users ? email : username || userid) && false)",
     "tests/flows/test_subjects.py::test_the_other_realms_kind_of_subject_is_an_invalid_request"),
    # A6, subject dropped
    ("A6 no subject", "src/oauth/grants/on_behalf_of.c", "if (!username && !userid && !email)",
     "if (!username && !userid && !email && false)",
     "tests/flows/test_subjects.py::test_no_subject_is_an_invalid_request_and_never_a_token_for_the_caller"),
    ("A6 two subjects", "src/oauth/grants/on_behalf_of.c", "if (username && userid)", "if (username && userid && false)",
     "tests/flows/test_subjects.py::test_two_subjects_are_an_invalid_request"),
    ("A6 subject of client credentials", "src/oauth/grants/client_credentials.c", "if (request->subject_username.ptr != NULL",
     "if (false && request->subject_username.ptr != NULL",
     "tests/flows/test_subjects.py::test_a_subject_that_client_credentials_would_drop_is_refused"),
    ("A6 NUL and invalid UTF-8", "src/http/form.c", "return result == RESULT_OK && !text_is_clean(*ret) ? RESULT_INVALID : result;",
     "return result;", "tests/flows/test_subjects.py::test_a_broken_or_over_long_subject_is_an_invalid_request"),
    # A7, another tenant's things
    ("A7 another tenant's application", "src/store/sqlite_directory.c",
     "FROM application WHERE partition = ?1 AND client_id = ?2", "FROM application WHERE ?1 <> '' AND client_id = ?2",
     "tests/flows/test_subjects.py::test_another_tenants_credentials_are_unknown_here"),
    ("A7 another tenant's cache entry", "src/directory/cache.c", "memcpy(key, partition.ptr, partition.len);",
     "memset(key, 'x', partition.len);", "unit/directory/test-cache"),
    # A14, guessing
    ("A14 client secrets", "src/signin/failure_limits.c", "if (beyond > 0) {", "if (beyond > 0 && false) {",
     "tests/flows/test_failure_limits.py::test_five_failures_in_a_row_are_answered_and_from_the_sixth_on_it_takes_longer_each_time"),
    ("A14 addresses", "src/signin/failure_limits.c", "address->failures >= limits->options.address_per_minute",
     "address->failures < 0",
     "tests/flows/test_failure_limits.py::test_an_address_has_a_hundred_failures_a_minute_whatever_it_says_of_itself"),
    # A15, header and log injection
    ("A15 sentences", "src/oauth/refusal.c", "if (*c < 0x20 || *c > 0x7e || *c == '\"' || *c == '\\\\')", "if (*c < 0)",
     "unit/oauth/test-oauth-refusal"),
    # live state
    ("a revoked token is dead", "src/oauth/access_token.c", "store_is_revoked(store, &call->realm.partition, REVOKED_TOKEN, token->jti) ||",
     "",
     "tests/flows/test_introspection_and_revocation.py::test_a_revoked_token_is_inactive_at_once_and_its_siblings_live"),
    ("tokens of a former life stay dead", "src/oauth/access_token.c", "person.enabled && made_ms >= person.valid_from_ms",
     "person.enabled", "tests/flows/test_introspection_and_revocation.py::test_disabling_either_party_ends_a_token_at_once_and_for_good"),
    ("only one's own tokens are revoked", "src/oauth/revoke.c",
     "if (!slice_equal(token->client_id, call->application->registered.client_id))", "if (false)",
     "tests/flows/test_introspection_and_revocation.py::test_another_applications_token_is_not_revoked"),
    # the cache
    ("a filler never keeps what was changed meanwhile", "src/directory/cache.c", "present != NULL || generation != cache->generation",
     "present != NULL", "unit/directory/test-cache"),
]

# Bugs that each fuzzer must find: (fuzzer, file, what stands there, the bug).
PLANTED = [
    ("form", "src/http/form.c", "return result == RESULT_OK && !text_is_clean(*ret) ? RESULT_INVALID : result;", "return result;"),
    ("query", "src/http/request.c", "clean = clean && target.ptr[i] > 0x20", "clean = clean && target.ptr[i] > 0x10"),
    ("path", "src/http/router.c", "if (segment->kind == SEGMENT_ONE && path->segments[i - 1].len == 0)",
     "if (segment->kind == SEGMENT_ONE && path->segments[i - 1].len > 40)"),
    ("basic", "src/http/basic.c", "decoded.len > max || !text_is_clean(decoded)", "decoded.len > max"),
    ("scope", "src/oauth/scope_rules.c", "if (all->admin && all->other)", "if (all->admin && all->other && flow == FLOW_PERSON)"),
    ("apply", "src/directory/document_input.c", "input->next[input->next_len++] = '\\n';\n\t\treturn note_break", "input->next[input->next_len++] = ' ';\n\t\treturn note_break"),
    ("jws", "src/jose/jws.c", "if (key != NULL && !type_matches(json_object_text(header, \"typ\"), type))",
     "if (key != NULL && type_matches(json_object_text(header, \"typ\"), type) && false)"),
]
