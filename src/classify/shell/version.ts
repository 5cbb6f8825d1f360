/**
 * Version of what classification of command lines says. It is part of what an approval is given for: a change of the tables or of the walk
 * that can change facts raises it, so that no approval outlives the reading it was given on.
 */
export const shellVersion = 'shell-3'
