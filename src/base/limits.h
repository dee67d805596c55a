/* Every amount that something outside can control, in one place. Sizes are bytes, times seconds unless the
 * name says otherwise. contract.md §6 names the ones that are promised. */
#ifndef WRIT_BASE_LIMITS_H
#define WRIT_BASE_LIMITS_H

/* HTTP */
#define LIMIT_HEADER_SIZE (16 * 1024)          /* request line and headers together: 431 */
#define LIMIT_URL_SIZE (8 * 1024)              /* the request target: 414 */
#define LIMIT_HEADER_COUNT 100                 /* header lines: 431 */
#define LIMIT_FORM_SIZE (64 * 1024)            /* a form body: 413 */
#define LIMIT_ADMIN_BODY_SIZE (1024 * 1024)    /* a body at the Admin API: 413 */
#define LIMIT_PARAMETERS 128                   /* parameters in a form or query */
#define LIMIT_REQUEST_ARENA_FIRST (8 * 1024)   /* kept by each request arena between requests */
#define LIMIT_REQUEST_ARENA_MAX (2 * 1024 * 1024)
#define LIMIT_CONNECTION_POOL (24 * 1024)      /* of libmicrohttpd per connection; zeroed after each request, so small */
#define LIMIT_SILENCE_S 15                     /* a sender without progress is cut */
#define LIMIT_REQUEST_S 60                     /* headers, or a whole form, take at most this long */
#define LIMIT_DRAIN_S 10                       /* requests under way at SIGTERM get this long */
#define LIMIT_QUEUED_JOBS 1024                 /* requests waiting for a worker: 503 beyond */
#define LIMIT_CONNECTIONS 20000                /* open at once, unless the configuration or RLIMIT_NOFILE says less */
#define LIMIT_IDLE_EXCHANGES 256               /* request arenas kept for the next requests */
#define LIMIT_DISCARD_SIZE (1024 * 1024)       /* of a body that is too large, read past so that the 413 is seen */
#define LIMIT_PATH_SEGMENTS 12                 /* segments of a path; more fit no route */
#define LIMIT_TRUSTED_PROXIES 256              /* addresses and blocks in one list */
#define LIMIT_FORWARDED_HOPS 32                /* entries of X-Forwarded-For that are looked at */
#define LIMIT_ORIGIN_SIZE 512                  /* an Origin header: longer ones are never allowed */
#define LIMIT_TLS_FILE (64 * 1024)             /* a file of certificates, or of a key */
#define LIMIT_TLS_CHAIN 10                     /* certificates in it */
#define LIMIT_TLS_EXPIRY_S (14 * 86400)        /* a certificate that expires sooner is warned of */

/* Parameters (legality tables) */
#define LIMIT_SHORT_PARAMETER 256
#define LIMIT_LONG_PARAMETER 2048
#define LIMIT_TOKEN_PARAMETER (16 * 1024)
#define LIMIT_SCOPE_SIZE 4096
#define LIMIT_SCOPE_COUNT 128

/* Directory */
#define LIMIT_PARTITION_ID 64
#define LIMIT_ID 128                           /* person ids, client ids, labels' and names' storage keys */
#define LIMIT_NAME 256
#define LIMIT_USERNAME 256
#define LIMIT_EMAIL 320
#define LIMIT_PERMISSION_NAME 256
#define LIMIT_DESCRIPTION 1024
#define LIMIT_URL 2048
#define LIMIT_PASSWORD 1024
#define LIMIT_PASSWORD_HASH 256
#define LIMIT_CLAIMS_SIZE (8 * 1024)           /* a person's standard claims as JSON */
#define LIMIT_JWKS_SIZE (64 * 1024)
#define LIMIT_SECRETS 16                       /* per client application */
#define LIMIT_REDIRECT_URLS 64
#define LIMIT_APPLICATION_PERMISSIONS 1024
#define LIMIT_ROLES 32
#define LIMIT_SECRET_SIZE 256                  /* a client secret as presented */
#define LIMIT_SECRET_MIN 32                    /* a client secret given by hand */
#define LIMIT_ACCESS_TOKEN_SECONDS_MIN 60
#define LIMIT_ACCESS_TOKEN_SECONDS 86400
/* For how long a grant must be known as revoked: as long as its tokens live, those of requests that were under way too. */
#define LIMIT_REVOKED_SECONDS (LIMIT_ACCESS_TOKEN_SECONDS + 2 * LIMIT_REQUEST_S)
#define LIMIT_REFRESH_SECONDS (400 * 86400)

/* Passwords: what an imported Argon2id hash may ask for */
#define LIMIT_ARGON2_MEMORY_KIB (64 * 1024)
#define LIMIT_ARGON2_TIME 5

/* Apply documents */
#define LIMIT_APPLY_DEPTH 16
#define LIMIT_APPLY_SCALAR (64 * 1024)
#define LIMIT_APPLY_OBJECT_SIZE (1024 * 1024)  /* one named object (a person, an application) */
#define LIMIT_APPLY_LIST 4096                  /* entries of a list inside a named object */

/* APIs */
#define LIMIT_OPENAPI_SIZE (16 * 1024 * 1024)  /* contract §6: an OpenAPI document */
#define LIMIT_OPENAPI_INLINE_SIZE (256 * 1024 * 1024) /* one inside of an apply document: an export writes longer ones than it read */
#define LIMIT_OPENAPI_DEPTH 64                 /* lists and mappings in each other in it */
#define LIMIT_OPENAPI_MEMORY (256 * 1024 * 1024)
#define LIMIT_DOCUMENT_ALIASES 100000          /* in one document */
#define LIMIT_ANCHOR_NAME 64
#define LIMIT_ANCHORS 4096                     /* that are remembered, */
#define LIMIT_ANCHORED_SIZE (1024 * 1024)      /* what one of them stands for, */
#define LIMIT_ANCHORED_ALL (8 * 1024 * 1024)   /* what they stand for together, */
#define LIMIT_REPEATED_SIZE (64 * 1024 * 1024) /* and what aliases repeat of it */
#define LIMIT_OPENAPI_WARNINGS 20              /* of one kind that are told */
#define LIMIT_SERVERS 64                       /* in one list */
#define LIMIT_SERVER_VARIABLES 64
#define LIMIT_SCHEMES 16                       /* security schemes joined in one alternative */
#define LIMIT_API_PAIRS 256                    /* values, or actors, of one API in an apply document */
#define LIMIT_API_OPERATIONS 200000            /* of one API */
#define LIMIT_API_SIZE (128 * 1024 * 1024)     /* all text of them: few bytes of a document can mean many */
#define LIMIT_API_ALTERNATIVES 64              /* ways to be allowed to call one operation */
#define LIMIT_API_PATH 2048                    /* a path with its base path */
#define LIMIT_API_TEXT 256                     /* kept of a summary or an operationId */

/* The Admin API */
#define LIMIT_PAGE_DEFAULT 50                  /* objects on a page where limit is not given */
#define LIMIT_CURSOR 4096                      /* the key that a cursor stands for */
#define LIMIT_PAGE_SIZE (768 * 1024)           /* bytes of a page: longer ones end early */
#define LIMIT_ADMIN_SCRATCH (48 * 1024 * 1024) /* memory for one request beside its own */
#define LIMIT_LARGE_BODIES 8                   /* bodies above LIMIT_ADMIN_BODY_SIZE that arrive or are looked at, at once: 503 beyond */
#define LIMIT_LONG_BODIES 128                  /* the same for those above LIMIT_FORM_SIZE: anybody can send them, who they are is asked later */
#define LIMIT_LARGE_BODIES_EACH 2              /* of those places, for one client address */
#define LIMIT_LONG_BODIES_EACH 32              /* the same */
#define LIMIT_API_IMPORTS 2                    /* OpenAPI documents that are read at once: 503 beyond */

/* Store */
#define LIMIT_STORE_WAIT_MS 5000               /* a write waits for the lock this long, then 503 */
#define LIMIT_STORE_QUEUE 4096                 /* writes waiting for the writer */
#define LIMIT_STORE_READERS 16
#define LIMIT_SWEEP_ROWS 500                   /* rows deleted in one batch */
#define LIMIT_AUDIT_QUEUE 4096                 /* audit events waiting to be written */
#define LIMIT_CHANGES_PER_APPLY 1000           /* beyond: one change row for the whole partition and kind */
#define LIMIT_PAGE 200                         /* objects on one page of a list */
#define LIMIT_PAGE_ROWS_LOOKED_AT 10000        /* rows read for it, whether they fit or not, */
#define LIMIT_PAGE_KEYS_LOOKED_AT 100000       /* and entries of an index */
#define LIMIT_STATISTICS_MINUTES_S (3 * 86400) /* for how long rows of minutes are kept, */
#define LIMIT_STATISTICS_HOURS_S (92 * 86400)  /* of hours, */
#define LIMIT_STATISTICS_DAYS_S (800 * 86400)  /* and of days */
#define LIMIT_STATISTICS_KEYS 1000             /* rows of one partition in one of them; beyond, client and reason are left out */
#define LIMIT_STATISTICS_FOLD 4096             /* counts that are added at once */
#define LIMIT_STATISTICS_COUNTED 4096          /* rows that wait in memory, for each of 16 processors */
#define LIMIT_STATISTICS_BATCH 128             /* of them that are given to the store at once */
#define LIMIT_STATISTICS_ROWS 20000            /* sums that are read at once */

/* Caches */
#define LIMIT_CACHED_APPLICATIONS 16384
#define LIMIT_CACHED_PARTITIONS 1024
#define LIMIT_FAILURE_ENTRIES 65536

/* The access decision */
#define LIMIT_METHOD 32                        /* the method of an API call */
#define LIMIT_CATALOGUE_SEGMENTS 32            /* of the path of an operation; a longer call is none */
#define LIMIT_CATALOGUE_METHODS 32             /* different methods in one catalogue */
#define LIMIT_CATALOGUE_ALTERNATIVES 256       /* of one operation, in a catalogue as JSON */
#define LIMIT_CATALOGUE_TRIES 1024             /* nodes and patterns that are looked at for one call, then it is none */
#define LIMIT_CATALOGUE_SIZE (256 * 1024 * 1024) /* all text of one catalogue */
#define LIMIT_REMEMBERED_TOKENS_SIZE (32 * 1024 * 1024) /* verified tokens in memory: some 20 000 */
#define LIMIT_TOKEN_FACTS_SIZE (8 * 1024)      /* what one of them says; more is verified each time */
#define LIMIT_CATALOGUE_TEXT (64 * 1024 * 1024) /* a catalogue as JSON, for libwrit */
#define LIMIT_REVOCATIONS_FED 1000000          /* revocations that libwrit was told of */
#define LIMIT_CACHED_CATALOGUES 256            /* compiled catalogues in memory, one a partition, */
#define LIMIT_CACHED_OPERATIONS 800000         /* and operations in all of them: four of the largest */
#define LIMIT_PARTITION_OPERATIONS (LIMIT_CACHED_OPERATIONS / 4) /* of all APIs of a partition */
#define LIMIT_PARTITION_APIS_SIZE (LIMIT_CATALOGUE_SIZE / 2) /* all text of them, and what stands around it in memory */
#define LIMIT_CATALOGUE_WORKERS 4              /* workers that read them: what waits for one holds up no other worker */
#define LIMIT_GATEWAY_CONNECTIONS 1024         /* of reverse proxies, open at once */

/* Refusals explained to administrators */
#define LIMIT_PERMISSIONS_COMPARED 2000        /* of a partition, with a scope that does not exist */

/* Tokens */
#define LIMIT_JWT_SIZE (16 * 1024)
#define LIMIT_JWS_HEADER 1024                  /* a token's header, decoded */
#define LIMIT_JSON_DEPTH 16                    /* arrays and objects inside each other, in tokens and replies */
#define LIMIT_PUBLISHED_KEYS 256               /* signing keys of one partition, retired ones included */
#define LIMIT_CLOCK_AHEAD_S 30                 /* contract §4: signed by others, this far ahead */
#define LIMIT_ANONYMOUS_TOKEN_S 3600           /* an anonymous customer's access token is good for so long */
#define LIMIT_JWKS_CACHE_S 300                 /* Cache-Control of our own key sets */

/* Sign-in: sessions, attempts, codes, refresh tokens (times in s unless named) */
#define LIMIT_SESSION_MAX_S (12 * 3600)        /* contract §3: 12 h at most */
#define LIMIT_SESSION_IDLE_S (2 * 3600)        /* unused for so long it is over, unless configured shorter */
#define LIMIT_SESSIONS_PER_PERSON 64           /* at one realm: the one longest unused ends */
#define LIMIT_CONNECTED_APPLICATIONS 256       /* shown on a person's own page */
#define LIMIT_ATTEMPT_S (30 * 60)              /* from the authorization request to the last click */
#define LIMIT_ATTEMPT_SIZE (48 * 1024)         /* a sealed attempt as text */
#define LIMIT_AUTHORIZATION_SIZE (32 * 1024)   /* an authorization request as a form: a sealed attempt holds it whole */
#define LIMIT_COOKIES 64                       /* cookies of one request that are looked at */
#define LIMIT_COOKIE_SIZE 4096                 /* one of them */
#define LIMIT_USER_AGENT 256                   /* kept of it */
#define LIMIT_LANGUAGES 16                     /* entries of Accept-Language or ui_locales that are looked at */
#define LIMIT_SIGN_INS_WAITING 256             /* sign-ins waiting for a worker of theirs, some seconds: 503 beyond */
#define LIMIT_PASSWORDS_WAITING 256            /* passwords waiting to be hashed: more than workers can bring */
#define LIMIT_PASSWORD_MIN 8                   /* of a new password: shorter ones are refused (NIST SP 800-63B §5.1.1.1) */
#define LIMIT_CODE_S 60                        /* contract §3 */
#define LIMIT_REFRESH_GRACE_MS 10000           /* contract §3 */
#define LIMIT_REFRESH_SIBLINGS 8               /* contract §3 */
#define LIMIT_REFRESH_LIVE 32                  /* unused tokens of one family */
#define LIMIT_ID_TOKEN_S 3600                  /* an ID token is good for so long */
#define LIMIT_CLAIMS_PARAMETER (4 * 1024)      /* the claims parameter */
#define LIMIT_NONCE 512
#define LIMIT_STATE 4096

/* Requests of the server to others */
#define LIMIT_LOGOUT_THREADS 16                /* logout tokens under way at once, */
#define LIMIT_LOGOUTS_AT_ONCE 2                /* and of them to one client application */
#define LIMIT_LOGOUT_CONNECT_MS 3000           /* the application's address has so long to answer at all, */
#define LIMIT_LOGOUT_MS 5000                   /* and the application so long in all */
#define LIMIT_LOGOUT_CLAIM_MS 10000            /* what a process was at that was killed is taken up by another after so long */
#define LIMIT_LOGOUT_REPLY (16 * 1024)         /* of the reply's body, which is not looked at */
#define LIMIT_LOGOUT_KEPT_S 86400              /* a delivery that nobody could even try for so long is given up */
#define LIMIT_LOGOUT_TOKEN_S 120               /* a logout token is good for so long */
#define LIMIT_OUTBOUND_HEADERS (32 * 1024)     /* of a reply; nothing of them is kept */

/* Signed by others: client assertions, and the keys that prove them */
#define LIMIT_JWKS_KEYS 32                     /* keys of one set; by value: that are tried */
#define LIMIT_FOREIGN_RSA_BITS 8192
#define LIMIT_JTI_SIZE 256
#define LIMIT_ASSERTION_S 3600                 /* how far ahead its exp may be */
#define LIMIT_KEY_SETS 512                     /* kept in memory, LIMIT_JWKS_SIZE each at most */
#define LIMIT_KEY_SET_WORKERS 16               /* workers that ask for key sets or wait for one, at once: 503 beyond */
#define LIMIT_KEY_SET_FRESH_S 300              /* asked for anew after so long, */
#define LIMIT_KEY_SET_AGAIN_S 30               /* on an unknown kid or after a failure not sooner than that, */
#define LIMIT_KEY_SET_STALE_S 3600             /* and used so long when it cannot be had anew */
#define LIMIT_KEY_SET_CONNECT_MS 3000
#define LIMIT_KEY_SET_TOTAL_MS 5000

/* Command line and outbound HTTP */
#define LIMIT_CONFIG_SIZE (1024 * 1024)
#define LIMIT_FETCH_SIZE (1024 * 1024)
#define LIMIT_FETCH_S 30
#define LIMIT_LOGIN_S 3600                     /* writ login waits for the browser at most so long */
#define LIMIT_CALLBACK_SIZE (16 * 1024)        /* the head of a request at its loopback address */
#define LIMIT_CALLBACK_CONNECTIONS 8           /* there at once: the oldest gives way */
#define LIMIT_CALLBACK_S 10                    /* a connection there ends after so long */
#define LIMIT_CALLBACK_PARAMETER 4096          /* code, state, iss, error as another server sends them */
#define LIMIT_LOGIN_FILE (128 * 1024)          /* a saved sign-in */
#define LIMIT_LOGIN_NAME 64                    /* what it is called */
#define LIMIT_LOGIN_LOCK_MS 60000              /* waiting for another command that refreshes it */
#define LIMIT_LOGIN_EXPIRY_S 30                /* an access token that expires sooner is refreshed before it is used */

#endif
