// The console signs in like any single-page application: authorization code with PKCE at the realm of a partition's users.
// Tokens are in memory only; a reload gets new ones from the server's own session.
import { ErrorResponse, InMemoryWebStorage, UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';

import type { Bearer } from '../api/client';
import { BASE, type Configuration } from './configuration';
import { remembered } from './remembered';

const CALLBACK = `${BASE}/callback`;

/** Why nobody is signed in. */
export class SignInRefused extends Error {
	constructor(
		/** The error of RFC 6749 §4.1.2.1; empty: it is none of the server's. */
		readonly code: string,
		readonly partition: string,
		message: string,
	) {
		super(message);
	}

	/** The server knows the person, who may not administer this partition. */
	get isNoAdministrator(): boolean {
		return this.code === 'access_denied' || this.code === 'invalid_scope' || this.code === 'unauthorized_client';
	}
}

/** Where one was, kept beside the state of the attempt. */
interface Attempt {
	readonly goTo: string;
}

export interface SignedIn {
	readonly session: Session;
	/** Where one was before signing in; null: nobody had to. */
	readonly goTo: string | null;
}

export class Session implements Bearer {
	private readonly manager: UserManager;
	private user: User | null = null;
	private renewal: Promise<boolean> | null = null;

	constructor(
		private readonly configuration: Configuration,
		/** Where one signed in. */
		readonly partition: string,
	) {
		this.manager = new UserManager({
			authority: `${configuration.auth_url}/system/auth/${partition}-U`,
			client_id: configuration.client_id,
			redirect_uri: configuration.auth_url + CALLBACK,
			silent_redirect_uri: configuration.auth_url + CALLBACK,
			post_logout_redirect_uri: `${configuration.auth_url}${BASE}/`,
			scope: 'openid profile writ.admin.read writ.admin.manage',
			response_type: 'code',
			userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
			stateStore: new WebStorageStateStore({ store: remembered.attempts }),
			staleStateAgeInSeconds: 900,
			automaticSilentRenew: true,
			silentRequestTimeoutInSeconds: 10,
			loadUserInfo: false,
			monitorSession: false,
		});
		this.manager.events.addUserLoaded((user) => {
			this.user = user;
		});
	}

	token(): string {
		return this.user?.access_token ?? '';
	}

	/** In a frame, by prompt=none. Several requests that fail together share one. */
	renew(): Promise<boolean> {
		this.renewal ??= this.manager
			.signinSilent()
			.then((user) => user !== null)
			.catch(() => false)
			.finally(() => {
				this.renewal = null;
			});
		return this.renewal;
	}

	/** Leaves for the sign-in page and comes back to where one is. */
	async signIn(options: { goTo?: string; again?: boolean } = {}): Promise<never> {
		remembered.attempt = this.partition;
		const goTo = options.goTo ?? location.pathname + location.search;
		await this.manager.signinRedirect({ state: { goTo } satisfies Attempt, ...(options.again === true ? { prompt: 'login' } : {}) });
		return new Promise<never>(() => undefined);
	}

	/** The second half of signIn: address is the one that the server came back to. */
	async signInFinish(address: string): Promise<string> {
		try {
			this.user = await this.manager.signinRedirectCallback(address);
		} catch (error) {
			throw this.refusal(error);
		}
		remembered.partition = this.partition;
		const attempt = this.user.state as Attempt | undefined;
		return attempt?.goTo ?? `${BASE}/`;
	}

	async signOut(): Promise<never> {
		remembered.leaveSignedOut();
		await this.manager.signoutRedirect();
		return new Promise<never>(() => undefined);
	}

	private refusal(error: unknown): SignInRefused {
		if (error instanceof ErrorResponse)
			return new SignInRefused(error.error ?? '', this.partition, error.error_description ?? error.message);
		return new SignInRefused('', this.partition, error instanceof Error ? error.message : String(error));
	}

	get console(): Configuration {
		return this.configuration;
	}
}

export function isCallback(address: URL): boolean {
	return address.pathname === CALLBACK;
}
