import { createContext, type ReactNode } from 'react';

/** How another student is chosen: by a list on one machine, by signing in elsewhere. */
export const StudentSignIn = createContext<ReactNode>(null);
