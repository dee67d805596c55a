import { Route, Routes } from 'react-router';

import { NotHere } from '../../layout/NotHere';
import { EventPage } from './Event';
import { EventList } from './EventList';

export default function Audit() {
	return (
		<Routes>
			<Route index element={<EventList />} />
			<Route path=":id" element={<EventPage />} />
			<Route path="*" element={<NotHere />} />
		</Routes>
	);
}
