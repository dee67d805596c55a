import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles.css';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, RouterProvider } from 'react-router';

import { Api } from './api/client';
import { ApiContext, createQueryClient, MeContext } from './api/hooks';
import { problemOf } from './api/problem';
import { Failed, Loading } from './parts/states';
import { fetchScreen, routes } from './routes';
import { BASE } from './session/configuration';
import { SessionContext } from './session/context';
import { Asking, NoAdministrator, Refused } from './session/Gate';
import type { Opened } from './session/open';
import type { Session } from './session/session';
import { theme, variables } from './theme';

function Look({ children }: { children: ReactNode }) {
	return (
		<MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
			<Notifications position="top-center" />
			{children}
		</MantineProvider>
	);
}

function Administration({ session }: { session: Session }) {
	const [client] = useState(createQueryClient);
	const api = useMemo(() => new Api(`${session.console.auth_url}/admin/v1`, session), [session]);
	return (
		<QueryClientProvider client={client}>
			<SessionContext.Provider value={session}>
				<ApiContext.Provider value={api}>
					<WhoAsks api={api} session={session} />
				</ApiContext.Provider>
			</SessionContext.Provider>
		</QueryClientProvider>
	);
}

/** The server says who is signed in and whether that is an administrator; the token is not asked. */
function WhoAsks({ api, session }: { api: Api; session: Session }) {
	const me = useQuery({ queryKey: ['/me'], queryFn: () => api.read('/me', {}), staleTime: Infinity });
	const [router] = useState(() => createBrowserRouter(routes, { basename: BASE }));
	if (me.data !== undefined)
		return (
			<MeContext.Provider value={me.data.value}>
				<RouterProvider router={router} />
			</MeContext.Provider>
		);
	if (me.error === null) return <Loading label="Signing in" />;
	const problem = problemOf(me.error);
	if (problem.status === 403)
		return <NoAdministrator partition={session.partition} sentence={problem.detail} again={() => void session.signIn({ again: true })} signOut={() => void session.signOut()} />;
	return <Failed error={problem} retry={() => void me.refetch()} />;
}

/** Draws what opening the console comes to; says that it is under way until then. */
export function start(opening: Promise<Opened>): void {
	const element = document.getElementById('root');
	if (element === null) return;
	const root = createRoot(element);
	root.render(<Look><Loading label="Signing in" /></Look>);
	opening.then(
		(opened) => {
			if (opened.kind === 'signed-in') fetchScreen(location.pathname);
			root.render(<Look>{opened.kind === 'asking' ? <Asking {...opened} /> : <Administration session={opened.signedIn.session} />}</Look>);
		},
		(error: unknown) => root.render(<Look><Refused error={error} /></Look>),
	);
}
