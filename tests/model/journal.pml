/* journal.pml: what engines write down for each other. */

/* How the rebuild stands; without a journal the tags say the same. */
mtype = { BEGUN, DONE, BACK, PARKED }

mtype record = BEGUN;
byte lease;         /* the life that holds it; 0: nobody */
bool turned_back;   /* the journal's event of that name */
bool permit[2];     /* by tags: it has looked a short while ago, and nobody else had claimed it */
byte lives;         /* how many engines have been started */
bool window_opened; /* likewise */
bool yielded;       /* an engine has made room for another one's claim */
byte operator = OPERATOR;
