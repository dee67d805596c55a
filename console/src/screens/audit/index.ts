export { EventPage } from './Event';
export { EventList } from './EventList';
