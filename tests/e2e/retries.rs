//! What failed is run again, and only that; a pass then is one of its own, and nothing else makes it better.

mod broken_off;
mod refusals;
mod rounds;
mod site;
