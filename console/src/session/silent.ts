// What the console is inside the frame of a silent renewal: it hands the address it was sent to up, and is done.
import { UserManager } from 'oidc-client-ts';

export function answerSilently(): void {
	const manager = new UserManager({ authority: location.origin, client_id: 'console', redirect_uri: location.href });
	manager.signinSilentCallback(location.href).catch(() => undefined);
}
