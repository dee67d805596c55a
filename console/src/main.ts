// The console in the frame of a silent renewal, and in the pop-up in which a flow is tried, is another, much smaller program
// than the one that people see. So is it on the way to the sign-in page: what draws screens is loaded by who comes back from
// there, while the code is being redeemed.
import { open } from './session/open';
import { isCallback } from './session/session';

const BLANK_MS = 400;

/** Where not even what draws screens came. */
function say(): void {
	document.body.textContent = 'The Administration Console could not be loaded. Reload this page; where that does not help, see whether the server runs.';
}

function administer(): void {
	const returned = isCallback(new URL(location.href));
	const opened = open();
	opened.catch(() => undefined); // drawn by start, which may come later
	// on the way to the sign-in page nothing is decided, and a load that the way breaks off is no failure
	const draw = () => void import('./app').then(({ start }) => start(opened), () => void opened.then(say, say));
	if (returned) draw();
	else void Promise.race([opened, new Promise((slow) => setTimeout(slow, BLANK_MS))]).then(draw, draw);
}

if (window.parent !== window) void import('./session/silent').then(({ answerSilently }) => answerSilently());
else if (location.pathname === '/console/try') void import('./screens/tryit/callback').then(({ tryItCallback }) => tryItCallback());
else administer();
