// A sign-in in a window of its own. What comes back to /console/try is handed over on a channel that only whoever knows the state of the
// attempt can name, and that no other origin can open.
export const CALLBACK = '/console/try';

export interface Handed {
	readonly parameters: string;
}

export function channelName(state: string): string {
	return `writ.try.${state}`;
}

function isHanded(value: unknown): value is Handed {
	return typeof value === 'object' && value !== null && 'parameters' in value && typeof value.parameters === 'string';
}

/** Says that somebody took it. */
export const TAKEN = 'taken';

/** At the click: later the browser takes it for an unwanted window. null: it does so already. */
export function openPopup(): Window | null {
	return window.open('', '_blank', 'popup,width=520,height=720');
}

export class SignInLeft extends Error {}

const LOOK_MS = 400;
/** What was handed over as the window closed may still be under way. */
const GRACE_MS = 1200;

/** What the sign-in came back with. popup: null where a link was followed instead, which nobody sees closing. */
export function handedBack(state: string, popup: Window | null, signal: AbortSignal): Promise<URLSearchParams> {
	return new Promise((resolve, reject) => {
		const channel = new BroadcastChannel(channelName(state));
		let closed = 0;
		const timer = setInterval(() => {
			closed = popup?.closed === true ? closed + LOOK_MS : 0;
			if (closed > GRACE_MS) end(() => reject(new SignInLeft('The window was closed before the sign-in came back.')));
		}, LOOK_MS);
		const stop = () => end(() => reject(new SignInLeft('You stopped it.')));

		function end(then: () => void) {
			clearInterval(timer);
			signal.removeEventListener('abort', stop);
			channel.close();
			then();
		}

		signal.addEventListener('abort', stop);
		channel.onmessage = (event: MessageEvent<unknown>) => {
			if (event.origin !== location.origin || !isHanded(event.data)) return;
			const parameters = new URLSearchParams(event.data.parameters);
			if (parameters.get('state') !== state) return;
			channel.postMessage(TAKEN);
			end(() => resolve(parameters));
		};
	});
}
