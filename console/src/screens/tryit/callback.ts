// What the console is at /console/try, where the flows of "Try it" come back to: it takes the code out of the address at once, hands it to
// the tab that began, and is done.
import { CALLBACK, channelName, TAKEN, type Handed } from './popup';

const WAIT_MS = 2000;

function say(title: string, sentence: string): void {
	document.title = `${title} · Administration Console`;
	document.documentElement.lang = 'en';
	const sheet = document.createElement('main');
	sheet.style.cssText = 'font-family:system-ui,sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem;line-height:1.5';
	const heading = document.createElement('h1');
	heading.style.fontSize = '1.25rem';
	heading.textContent = title;
	const text = document.createElement('p');
	text.textContent = sentence;
	text.setAttribute('role', 'status');
	sheet.append(heading, text);
	document.body.replaceChildren(sheet);
}

export function tryItCallback(): void {
	const search = location.search.slice(1);
	const parameters = search !== '' ? search : location.hash.slice(1);
	history.replaceState(null, '', CALLBACK);
	const state = new URLSearchParams(parameters).get('state') ?? '';
	if (state === '') {
		say('Nothing came back', 'This page is where sign-ins that are tried out from a client application’s page come back to. There is nothing to see here.');
		return;
	}
	say('One moment', 'The answer goes to the Administration Console.');
	const channel = new BroadcastChannel(channelName(state));
	const timer = setTimeout(() => {
		channel.close();
		say('Nobody waits for this', 'The tab that began this sign-in is closed, or was stopped. Begin again there.');
	}, WAIT_MS);
	channel.onmessage = (event: MessageEvent<unknown>) => {
		if (event.origin !== location.origin || event.data !== TAKEN) return;
		clearTimeout(timer);
		channel.close();
		say('Done', 'You can close this window: the answer is in the Administration Console.');
		window.close();
	};
	channel.postMessage({ parameters } satisfies Handed);
}
