//! GitHub: the action as the runner runs it, and the workflows through the programs that check them.
