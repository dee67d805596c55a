import { CALLBACK } from './popup';

/** Where sign-ins that are tried come back to. */
export function redirectOf(authUrl: string): string {
	return authUrl + CALLBACK;
}
