// All that the console leaves in the browser's storage, so that one can see that no token and no secret is in it: where people
// sign in (for the next visit), and for this tab alone which partition an attempt is for, whether it just signed out, and
// oidc-client-ts's state of an attempt (state, nonce's like, PKCE verifier), which ends with the attempt. Beside it the component
// library keeps whether somebody chose light or dark.
/* eslint-disable no-restricted-globals */

const PARTITION = 'writ.partition';
const ATTEMPT = 'writ.attempt';
const SIGNED_OUT = 'writ.signed-out';

/** Storage may be closed to us (private windows, policies): then nothing is remembered. */
function quietly<T>(action: () => T): T | null {
	try {
		return action();
	} catch {
		return null;
	}
}

export const remembered = {
	/** Where somebody signed in last in this browser. */
	get partition(): string | null {
		return quietly(() => localStorage.getItem(PARTITION));
	},
	set partition(value: string | null) {
		quietly(() => (value === null ? localStorage.removeItem(PARTITION) : localStorage.setItem(PARTITION, value)));
	},
	/** The partition that this tab is signing in at. */
	get attempt(): string | null {
		return quietly(() => sessionStorage.getItem(ATTEMPT));
	},
	set attempt(value: string | null) {
		quietly(() => (value === null ? sessionStorage.removeItem(ATTEMPT) : sessionStorage.setItem(ATTEMPT, value)));
	},
	/** True once after signing out. */
	takeSignedOut(): boolean {
		const was = quietly(() => sessionStorage.getItem(SIGNED_OUT)) !== null;
		quietly(() => sessionStorage.removeItem(SIGNED_OUT));
		return was;
	},
	leaveSignedOut(): void {
		quietly(() => sessionStorage.setItem(SIGNED_OUT, '1'));
	},
	/** For the state of attempts. */
	get attempts(): Storage {
		return sessionStorage;
	},
};
