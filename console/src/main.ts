// The console in the frame of a silent renewal, and in the pop-up in which a flow is tried, is another, much smaller program
// than the one that people see.
if (window.parent !== window) void import('./session/silent').then(({ answerSilently }) => answerSilently());
else if (location.pathname === '/console/try') void import('./screens/tryit/callback').then(({ tryItCallback }) => tryItCallback());
else void import('./app').then(({ start }) => start());
