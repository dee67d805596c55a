export { NewProvider } from './NewProvider';
export { ProviderList } from './ProviderList';
export { ProviderPage } from './ProviderPage';
