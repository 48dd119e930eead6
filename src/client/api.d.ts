/** Made by `npm run api` from the OpenAPI document. Change an operation, never this file. */

export interface paths {
    "/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Become the first platform administrator, with the token of the set-up link
         * @description Makes your account and, where it is given, an organisation that you own. Signs you in.
         */
        post: operations["setUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with an address and a password
         * @description Sets the cookie of the console; a program sends the session as a bearer token. While `mustChangePassword` it is good for `PUT /me/password` alone. With `organisation` it is valid there only, and names that organisation to applications that find it by the credential.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the session that asks */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/password-resets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a link mailed with which to choose a new password
         * @description The answer is the same whether or not the address has an account.
         */
        post: operations["requestPasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/password-resets/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Choose a new password with the token of a mailed link
         * @description The link works once, for an hour. Every session of the account ends.
         */
        post: operations["completePasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read your own profile, and the organisations that you are in */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change your own name */
        patch: operations["updateMe"];
        trace?: never;
    };
    "/me/organisations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the organisations that you are in, or are invited to */
        get: operations["listMyOrganisations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change your own password
         * @description All your sessions end, and another one begins for whoever asks.
         */
        put: operations["changeMyPassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List where you are signed in, the newest first */
        get: operations["listMySessions"];
        put?: never;
        post?: never;
        /** End all of your sessions but the one that asks */
        delete: operations["endMyOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of your sessions, everywhere */
        delete: operations["endMySession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List and search all organisations */
        get: operations["listOrganisations"];
        put?: never;
        /** Create an organisation and own it */
        post: operations["createOrganisation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an organisation */
        get: operations["getOrganisation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Rename an organisation or change its settings
         * @description A slug that is given up still leads here, and is never used by another.
         */
        patch: operations["updateOrganisation"];
        trace?: never;
    };
    "/orgs/{org}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend an organisation: nobody gets through in its name */
        post: operations["suspendOrganisation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a suspended organisation go on */
        post: operations["resumeOrganisation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/ownership-transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the offer to hand over the organisation */
        get: operations["getOwnershipTransfer"];
        put?: never;
        /**
         * Offer the organisation to a member
         * @description Nothing changes before the offer is accepted; then you become an administrator.
         */
        post: operations["offerOwnership"];
        /** Take the offer back, or decline it */
        delete: operations["endOwnershipTransfer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/ownership-transfer/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept the organisation that is offered to you */
        post: operations["acceptOwnership"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/members/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List open invitations, and those that expired unanswered */
        get: operations["listInvitations"];
        put?: never;
        /** Invite somebody by email, with the teams and roles they will have */
        post: operations["inviteMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/members/invitations/{member}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send an invitation again, with a new link and a new time */
        post: operations["resendInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/members/invitations/{member}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take an invitation back */
        delete: operations["revokeInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List and search the members of an organisation
         * @description Without `state`, everybody but those who were removed.
         */
        get: operations["listMembers"];
        put?: never;
        /**
         * Create a member with a password of your choice
         * @description For an address that has no account yet; invite anybody else. The password has to be changed at the first sign-in.
         */
        post: operations["createMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/members/{member}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a member */
        get: operations["getMember"];
        put?: never;
        post?: never;
        /** Remove a member with all that they held: rules, roles, teams and keys */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/members/{member}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend a member: sessions and keys stop to work here at once */
        post: operations["suspendMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/members/{member}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a suspended member in again */
        post: operations["resumeMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** See who invites, before you answer */
        post: operations["readInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept an invitation with a new account */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept an invitation with the account you are signed in with */
        post: operations["acceptMyInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/decline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decline an invitation */
        post: operations["declineInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List and search the teams of an organisation */
        get: operations["listTeams"];
        put?: never;
        /** Create a team */
        post: operations["createTeam"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/teams/{team}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a team */
        get: operations["getTeam"];
        put?: never;
        post?: never;
        /** Delete a team, and with it what its members held through it */
        delete: operations["deleteTeam"];
        options?: never;
        head?: never;
        /** Rename or describe a team */
        patch: operations["updateTeam"];
        trace?: never;
    };
    "/orgs/{org}/teams/{team}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the members of a team */
        get: operations["listTeamMembers"];
        put?: never;
        /**
         * Put members into a team and take others out, all at once
         * @description Who is in the team already, or already out of it, stays so.
         */
        post: operations["changeTeamMembers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List and search the roles of an organisation
         * @description Built-in roles come first, then those of the policy files, then custom ones by name.
         */
        get: operations["listRoles"];
        put?: never;
        /** Create a role out of permissions that you hold yourself */
        post: operations["createRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/roles/{role}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a role */
        get: operations["getRole"];
        put?: never;
        post?: never;
        /**
         * Delete a custom role, its assignments and every rule that names it
         * @description The audit lists the rules that went with it.
         */
        delete: operations["deleteRole"];
        options?: never;
        head?: never;
        /** Rename a custom role, or change what it may do within what you hold yourself */
        patch: operations["updateRole"];
        trace?: never;
    };
    "/orgs/{org}/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List every permission that a custom role or the scopes of a key can name */
        get: operations["listPermissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/teams/{team}/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what a team may do
         * @description Rule by rule, each with what denies take away of it and how it is come by.
         */
        get: operations["listTeamPermissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/members/{member}/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what a member may do
         * @description Rule by rule, each with what denies take away of it and how it is come by.
         */
        get: operations["listMemberPermissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/service-accounts/{service}/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what a service account may do
         * @description Rule by rule, each with what denies take away of it and how it is come by.
         */
        get: operations["listServiceAccountPermissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/roles/{role}/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what a role may do
         * @description Rule by rule, each with what denies take away of it and how it is come by.
         */
        get: operations["listRolePermissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/assignments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who holds which role */
        get: operations["listAssignments"];
        put?: never;
        /**
         * Give a role to a member, a service account or a team
         * @description With `expiresAt` the right is gone at that moment without anybody doing anything.
         */
        post: operations["createAssignment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/assignments/{assignment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a role from whoever holds it */
        delete: operations["deleteAssignment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/service-accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List and search the service accounts of an organisation */
        get: operations["listServiceAccounts"];
        put?: never;
        /** Create a service account, which holds nothing yet */
        post: operations["createServiceAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/service-accounts/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a service account */
        get: operations["getServiceAccount"];
        put?: never;
        post?: never;
        /**
         * Delete a service account, its keys, its assignments and every rule that names it
         * @description The audit lists the rules that went with it. Its id is never used again.
         */
        delete: operations["deleteServiceAccount"];
        options?: never;
        head?: never;
        /** Rename or describe a service account */
        patch: operations["updateServiceAccount"];
        trace?: never;
    };
    "/orgs/{org}/service-accounts/{service}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend a service account: its keys are refused until it is resumed */
        post: operations["suspendServiceAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/service-accounts/{service}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a suspended service account go on, which takes all that it holds */
        post: operations["resumeServiceAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the API keys of an organisation, the newest first */
        get: operations["listKeys"];
        put?: never;
        /**
         * Make an API key for yourself, or for a service account that holds no more than you
         * @description Scopes and networks narrow what the key is worth, whatever its holder may do. A key makes no key that reaches further, or lasts longer, than itself.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what an API key is for, and when it was used last */
        get: operations["getKey"];
        put?: never;
        post?: never;
        /** Revoke an API key, at once and everywhere */
        delete: operations["deleteKey"];
        options?: never;
        head?: never;
        /** Change what an API key that you could make is confined to */
        patch: operations["updateKey"];
        trace?: never;
    };
    "/orgs/{org}/keys/{key}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replace an API key by a new one, and let the old one go on for a while */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the sessions of members that are valid in the organisation, the newest first */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /**
         * End what the sessions of a member are worth in the organisation
         * @description They go on elsewhere. Their person comes back by signing in again.
         */
        delete: operations["endSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End what a session is worth in the organisation
         * @description It goes on elsewhere. Its person comes back by signing in again.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/policies/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List and search the organisation's own rules
         * @description Rules of type `p`, oldest first. `q` looks for a part of the rule as a file would hold it. Who is in which team and holds which role is listed by teams and assignments.
         */
        get: operations["listRules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/policies/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check rules without writing them
         * @description Says what a publish would refuse, at its line and column, and warns of rules that allow nothing. Without `g` lines those of the organisation count.
         */
        post: operations["checkRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/policies/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compare what may be done now with what other rules would let be done
         * @description The body is the whole list of the organisation's own rules, `p` and `g`. Says who gains and who loses which method on which paths; rules that would not be taken are a 400 with their places.
         */
        post: operations["diffRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/policies/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the organisation's own rules
         * @description Either `add` (rules) and `remove` (ids of rules), or `rules`: the whole new set. All of it takes effect at once or nothing does; at most 25000 rules are published at once; send them in parts. `g` lines are not published: who is in which team and holds which role is changed there.
         */
        post: operations["publishRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/policies/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring the organisation's own rules back to what they were after a revision
         * @description A new revision: what came later stays in the list of revisions, and can be brought back as well. It is a publish, so it gives nobody what you do not hold.
         */
        post: operations["rollbackRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/policies/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the changes of the organisation's own rules, newest first
         * @description Publishes, rollbacks, and what went with a team or a role that was deleted.
         */
        get: operations["listRuleRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/policies/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what a revision added and removed */
        get: operations["getRuleRevision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/attributes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what is told about a member or a resource */
        get: operations["getAttributes"];
        /**
         * Tell about members and resources
         * @description Replaces all that was told about each entity. One request changes all or nothing.
         */
        put: operations["putAttributes"];
        post?: never;
        /**
         * Take back all that is told about a member or a resource
         * @description Nothing told is nothing to take back, and no mistake.
         */
        delete: operations["deleteAttributes"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the decisions of an organisation, the newest first */
        get: operations["listDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/decisions/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Explain why a request is allowed or denied
         * @description By the very decision that the gateway makes, with what would allow a denied one.
         */
        get: operations["explainDecision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/decisions/who-can": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the members who may use a method on an object
         * @description Only those whom the gateway lets as far as the rules: active members, mostly.
         */
        get: operations["whoCan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/decisions/what-can": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what somebody may do, rule by rule */
        get: operations["whatCan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/decisions/which-actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the methods that somebody may use on an object
         * @description None of them where the gateway refuses before it looks at any rule.
         */
        get: operations["whichActions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/decisions/which-operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the declared operations of all applications that somebody may use */
        get: operations["whichOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the changes of an organisation
         * @description Newest first, unless you say otherwise. All of them at once are an export.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{org}/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export the changes of an organisation, oldest first
         * @description As JSON lines, which `gatehouse audit verify` reads, or as CSV for a spreadsheet. It reaches to the revision that `Gatehouse-Revision` names; one that cannot be finished breaks the connection.
         */
        get: operations["exportAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @enum {string} */
            code: "allowed" | "bad_request" | "invalid_input" | "unauthenticated" | "denied" | "door_forbidden" | "not_found" | "method_not_allowed" | "request_timeout" | "conflict" | "precondition_failed" | "body_too_large" | "target_too_long" | "idempotency_key_reused" | "precondition_required" | "too_many_requests" | "headers_too_large" | "client_gone" | "internal" | "upstream_failed" | "unavailable" | "upstream_timeout";
            requestId: string;
            decisionId?: string;
            /** @description What is wrong in rules that were sent, each at its line and column. */
            problems?: {
                line: number;
                column: number;
                message: string;
            }[];
        };
        SetUp: {
            /** @description Send it as `Authorization: Bearer`. */
            session: string;
            /** @example user:ann */
            subject: string;
            mustChangePassword: boolean;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string;
            organisation?: components["schemas"]["Organisation"];
        };
        Organisation: {
            /** @example 8f3k0v2m5q9x7d1c */
            id: string;
            name: string;
            /** @example acme */
            slug: string;
            /** @enum {string} */
            state: "active" | "suspended";
            settings: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        SignedIn: {
            /** @description Send it as `Authorization: Bearer`. */
            session: string;
            /** @example user:ann */
            subject: string;
            mustChangePassword: boolean;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string;
        };
        Me: {
            /** @example user:ann */
            subject: string;
            email: string | null;
            emailVerified: boolean;
            firstName: string | null;
            lastName: string | null;
            organisations: components["schemas"]["Membership"][];
        };
        Membership: {
            organisation: {
                id: string;
                name: string;
                /** @example acme */
                slug: string;
                /** @enum {string} */
                state: "active" | "suspended";
            };
            /** @enum {string} */
            state: "invited" | "active" | "suspended" | "removed";
            /** @description Those assigned to the person directly. */
            roles: string[];
        };
        OwnSession: {
            /** @example 8f3k0v2m5q9x */
            id: string;
            /** @description Whether it is the one that asks. */
            current: boolean;
            /** @description Null for all of yours. */
            organisations: string[] | null;
            address: string | null;
            agent: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            seenAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string;
        };
        OrganisationSettings: {
            description?: string;
            /** Format: email */
            contactEmail?: string;
        };
        OwnershipTransfer: {
            /** @example user:ann */
            from: string;
            /** @example user:ben */
            to: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string;
        };
        Invitation: {
            /** @example user:8f3k0v2m5q9x7d1c3b5n */
            member: string;
            email: string;
            /** @example user:ann */
            invitedBy: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            sentAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string;
        };
        Member: {
            /** @example user:ann */
            id: string;
            /** @enum {string} */
            state: "invited" | "active" | "suspended" | "removed";
            email: string | null;
            name: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            since: string;
            /**
             * @example [
             *       "team:writers"
             *     ]
             */
            teams: string[];
            /**
             * @description Those given directly, not through a team.
             * @example [
             *       "role:editor"
             *     ]
             */
            roles: string[];
        };
        Joined: {
            /** @example acme */
            organisation: string;
            /** @example user:ann */
            member: string;
        };
        Team: {
            /** @example team:writers */
            id: string;
            name: string;
            description: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        TeamMember: {
            /** @example user:ann */
            subject: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            since: string;
            /** @example user:olga */
            addedBy: string;
        };
        Role: {
            /** @example role:8f3k0v2m5q9x7d1c4b6n */
            id: string;
            name: string;
            /** @example release-editor */
            slug: string;
            description: string;
            /** @enum {string} */
            source: "built-in" | "files" | "custom";
            /** @description Names of the catalogue; null where rules say what the role may do. */
            permissions: string[] | null;
            createdAt: string | null;
        };
        Permission: {
            /** @example teams:write */
            name: string;
            description: string;
            allows: {
                object: string;
                method: string;
            }[];
        };
        Allowed: {
            /** @example GET */
            method: string;
            /** @example /docs/items/:id */
            object: string;
            /** @description What denies take away of it. */
            except: {
                /** @example GET */
                method: string;
                /** @example /docs/items/:id */
                object: string;
            }[];
            /**
             * @example [
             *       "user:ann",
             *       "role:editor"
             *     ]
             */
            rolePath: string[];
            /**
             * @description As in a policy file.
             * @example p, role:editor, *, /docs/*, GET, allow
             */
            rule: string;
            /** @description File and line, or author, time and revision. */
            from: string;
        };
        Assignment: {
            /** @example 42 */
            id: string;
            /** @example team:writers */
            subject: string;
            /** @example role:editor */
            role: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            since: string;
            /** @example user:olga */
            assignedBy: string;
            expiresAt: string | null;
        };
        ServiceAccount: {
            /** @example service:robot */
            id: string;
            name: string;
            description: string;
            /** @enum {string} */
            state: "active" | "suspended";
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
        };
        ApiKey: {
            /** @example 8f3k0v2m5q9x */
            id: string;
            /** @example service:robot */
            subject: string;
            label: string;
            scopes: string[] | null;
            networks: string[] | null;
            createdBy: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            expiresAt: string | null;
            usedAt: string | null;
        };
        NewApiKey: {
            /** @example 8f3k0v2m5q9x */
            id: string;
            /** @example service:robot */
            subject: string;
            label: string;
            scopes: string[] | null;
            networks: string[] | null;
            createdBy: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            expiresAt: string | null;
            usedAt: string | null;
            /** @description Shown this once: null in the answer to a repeated request. */
            key: string | null;
        };
        Session: {
            /** @example 8f3k0v2m5q9x */
            id: string;
            /** @example user:ann */
            subject: string;
            address: string | null;
            agent: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            seenAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string;
        };
        Rule: {
            /** @example 42 */
            id: string;
            columns: components["schemas"]["RuleColumns"];
            /** @example p, role:editor, org:acme, /docs/documents/:id, PUT, allow */
            text: string;
            /** @example user:olga */
            author: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            revision: number;
            expiresAt: string | null;
        };
        /**
         * @example [
         *       "p",
         *       "role:editor",
         *       "org:acme",
         *       "/docs/documents/:id",
         *       "PUT",
         *       "allow"
         *     ]
         */
        RuleColumns: string[];
        Difference: {
            /** @enum {string} */
            kind: "gains" | "loses";
            /** @example GET */
            method: string;
            /** @example /docs/documents/:id */
            object: string;
            except: string[];
            /** @description In the fewest words. */
            who: string[];
            /** @description By name. */
            subjects: string[];
            whoCount: number;
            subjectCount: number;
        };
        Published: {
            revision: number;
            message: string;
            addedCount: number;
            removedCount: number;
            /** @description The first 200 of them. */
            added: components["schemas"]["RuleColumns"][];
            /** @description The first 200 of them. */
            removed: components["schemas"]["RuleColumns"][];
            /** @description Added rules that allow nothing, because all of it is denied. */
            void: {
                rule: components["schemas"]["RuleColumns"];
                because: string;
            }[];
            voidCount: number;
        };
        RuleRevision: {
            revision: number;
            /** @example user:olga */
            author: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            message: string;
            addedCount: number;
            removedCount: number;
        };
        /**
         * @example {
         *       "entity": "user:ann",
         *       "attributes": {
         *         "department": "Sales"
         *       }
         *     }
         */
        Described: {
            entity: string;
            attributes: {
                [key: string]: unknown;
            };
        };
        Decision: {
            decisionId: string;
            requestId: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /** @example user:ann */
            subject: string | null;
            /** @example GET */
            method: string;
            /** @example /docs/documents/1 */
            object: string;
            allow: boolean;
            /** @example denied_by_default */
            reason: string;
            /** @description The rule that decided. */
            rule: string | null;
            revision: number | null;
            /** @example proxy */
            door: string | null;
            /** @description Who asked about the subject, where it did not ask for itself. */
            caller: string | null;
        };
        Explanation: {
            /** @example acme */
            organisation: string;
            revision: number;
            /** @description The hash of the policy files. */
            files: string;
            request: {
                sub: string;
                obj: string;
                act: string;
            };
            allow: boolean;
            /** @enum {string} */
            reason: "http_version" | "host_missing" | "host_repeated" | "host_malformed" | "host_disagrees_with_target" | "target_malformed" | "target_too_long" | "target_fragment" | "target_backslash" | "target_matrix_parameter" | "target_control_character" | "target_not_utf8" | "target_percent_malformed" | "target_encoded_delimiter" | "target_double_encoding" | "target_above_root" | "query_malformed" | "method_not_allowed" | "header_malformed" | "headers_too_many" | "head_slow" | "upgrade_malformed" | "body_framing" | "body_too_large" | "input_malformed" | "no_application" | "no_such_page" | "door_not_trusted" | "door_header_missing" | "door_header_repeated" | "credential_missing" | "credential_repeated" | "credential_malformed" | "token_malformed" | "token_algorithm" | "token_type" | "token_issuer_unknown" | "token_key_unknown" | "token_signature" | "token_expired" | "token_not_yet_valid" | "token_claims" | "key_unknown" | "key_expired" | "network_refused" | "session_unknown" | "session_expired" | "session_ended" | "keys_unavailable" | "organisation_missing" | "organisation_unknown" | "organisation_suspended" | "organisation_disagrees" | "subject_unknown" | "not_a_member" | "member_suspended" | "password_must_change" | "origin_mismatch" | "resource_unknown" | "action_unknown" | "allowed_by_rule" | "denied_by_rule" | "denied_by_default" | "scope_missing" | "request_incomplete" | "decision_error" | "pipeline_error" | "policy_stale" | "policy_unavailable" | "revision_not_reached" | "overtaken" | "database_unavailable" | "passwords_busy" | "upstream_refused" | "upstream_broken" | "upstream_resting" | "upstream_busy" | "upstream_slow" | "upstream_upgrade_refused" | "body_slow" | "client_gone" | "draining" | "internal";
            sentences: string[];
            /**
             * @example [
             *       "user:ann",
             *       "team:writers",
             *       "role:editor"
             *     ]
             */
            rolePath: string[];
            rule?: {
                /**
                 * @description As in a policy file.
                 * @example p, role:editor, *, /docs/*, GET, allow
                 */
                rule: string;
                /** @description File and line, or author, time and revision. */
                from: string;
            };
            /** @description For a deny by default: the nearest rules, and which fields they do not cover. */
            candidates: {
                /**
                 * @description As in a policy file.
                 * @example p, role:editor, *, /docs/*, GET, allow
                 */
                rule: string;
                /** @description File and line, or author, time and revision. */
                from: string;
                unmatched: string[];
            }[];
            /** @description What would allow a denied request, each by itself; the smallest first. */
            changes: {
                add: string;
                phrase: string;
            }[];
            /** @description Why no single change would. */
            unchangeable?: string;
        };
        AllowedOperation: {
            /** @example docs */
            application: string;
            operation: string;
            /** @example GET */
            method: string;
            path: string;
            /**
             * @description All of its paths, or only some.
             * @enum {string}
             */
            extent: "all" | "some";
            allow: string[];
            except: string[];
        };
        AuditEntry: {
            /** @example acme */
            organisation: string;
            /** @description What the change raised the revision to. */
            revision: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            /** @example user:ann */
            actor: string;
            /** @example key:8f3k0v2m5q9x */
            credential: string | null;
            /** @example 192.0.2.7 */
            address: string | null;
            requestId: string;
            /** @example createTeam */
            operation: string;
            /** @example /gatehouse/teams/team:writers */
            object: string;
            before: unknown | null;
            after: unknown | null;
            /**
             * @description The hash of the entry before.
             * @example aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
             */
            previous: string;
            /** @example aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa */
            hash: string;
        };
    };
    responses: {
        /** @description `invalid_input`: The input does not have the expected form. `bad_request`: The request is malformed or can be read in two ways. */
        InvalidInputOrBadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `denied`: You may not do this. */
        Denied: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `target_too_long`: The request target is too long. */
        TargetTooLong: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `internal`: Something went wrong on our side. */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unavailable`: No decision can be made now. Try again shortly. */
        Unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `body_too_large`: The request body is too large. */
        BodyTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `conflict`: This is so already, or something else stands in its way. */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unauthenticated`: A valid credential is required. */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `too_many_requests`: Too many attempts. Try again later. */
        TooManyRequests: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `idempotency_key_reused`: This Idempotency-Key came with other input. */
        IdempotencyKeyReused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `not_found`: There is nothing here. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `precondition_failed`: The record has changed since it was read. */
        PreconditionFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `precondition_required`: Send If-Match with the ETag of the record. */
        PreconditionRequired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    setUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                    /** @example ann@example.com */
                    email: string;
                    /** Format: password */
                    password: string;
                    /** @example Ann */
                    firstName: string;
                    /** @example Lee */
                    lastName: string;
                    organisation?: {
                        /** @example Writers */
                        name: string;
                        slug: string;
                    };
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetUp"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            403: components["responses"]["Denied"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example ann@example.com */
                    email: string;
                    /** Format: password */
                    password: string;
                    organisation?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    requestPasswordReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example ann@example.com */
                    email: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            403: components["responses"]["Denied"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    completePasswordReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                    /** Format: password */
                    password: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            403: components["responses"]["Denied"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: {
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateMe: {
        parameters: {
            query?: never;
            header: {
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
                /** @description The `ETag` that the record was read with, or `*`. */
                "If-Match": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Ann */
                    firstName?: string;
                    /** @example Lee */
                    lastName?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            428: components["responses"]["PreconditionRequired"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMyOrganisations: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Membership"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeMyPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: password */
                    current: string;
                    /** Format: password */
                    password: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMySessions: {
        parameters: {
            query?: never;
            header?: {
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["OwnSession"][];
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    endMyOtherSessions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ended: number;
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    endMySession: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example 8f3k0v2m5q9x */
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listOrganisations: {
        parameters: {
            query?: {
                q?: string;
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Organisation"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createOrganisation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    name: string;
                    slug: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOrganisation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateOrganisation: {
        parameters: {
            query?: never;
            header: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
                /** @description The `ETag` that the record was read with, or `*`. */
                "If-Match": string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    name?: string;
                    slug?: string;
                    settings?: components["schemas"]["OrganisationSettings"];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            428: components["responses"]["PreconditionRequired"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    suspendOrganisation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resumeOrganisation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOwnershipTransfer: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnershipTransfer"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    offerOwnership: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    to: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnershipTransfer"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    endOwnershipTransfer: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    acceptOwnership: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnershipTransfer"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listInvitations: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Invitation"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    inviteMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example ann@example.com */
                    email: string;
                    /** @default [] */
                    teams?: string[];
                    /** @default [] */
                    roles?: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example user:ann */
                        id: string;
                        /** @enum {string} */
                        state: "invited" | "active" | "suspended" | "removed";
                        email: string | null;
                        name: string | null;
                        /**
                         * Format: date-time
                         * @example 2026-01-31T12:00:00.000Z
                         */
                        since: string;
                        /**
                         * @example [
                         *       "team:writers"
                         *     ]
                         */
                        teams: string[];
                        /**
                         * @description Those given directly, not through a team.
                         * @example [
                         *       "role:editor"
                         *     ]
                         */
                        roles: string[];
                        /** @description Shown once, for you to copy. */
                        link?: string;
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resendInvitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example user:ann */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example user:8f3k0v2m5q9x7d1c3b5n */
                        member: string;
                        email: string;
                        /** @example user:ann */
                        invitedBy: string;
                        /**
                         * Format: date-time
                         * @example 2026-01-31T12:00:00.000Z
                         */
                        createdAt: string;
                        /**
                         * Format: date-time
                         * @example 2026-01-31T12:00:00.000Z
                         */
                        sentAt: string;
                        /**
                         * Format: date-time
                         * @example 2026-01-31T12:00:00.000Z
                         */
                        expiresAt: string;
                        /** @description Shown once, for you to copy. */
                        link?: string;
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeInvitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example user:ann */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMembers: {
        parameters: {
            query?: {
                q?: string;
                state?: "invited" | "active" | "suspended" | "removed";
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Member"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Ann */
                    firstName: string;
                    /** @example Lee */
                    lastName: string;
                    /** @example ann@example.com */
                    email: string;
                    /** Format: password */
                    password: string;
                    /** @default [] */
                    teams?: string[];
                    /** @default [] */
                    roles?: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example user:ann */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example user:ann */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    suspendMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example user:ann */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resumeMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example user:ann */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    readInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        organisation: string;
                        email: string;
                        needsAccount: boolean;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                    /** @example Ann */
                    firstName: string;
                    /** @example Lee */
                    lastName: string;
                    /** Format: password */
                    password: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Joined"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    acceptMyInvitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Joined"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    declineInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTeams: {
        parameters: {
            query?: {
                q?: string;
                sort?: "name" | "newest";
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Team"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createTeam: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    name: string;
                    /** @default  */
                    description?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTeam: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example team:writers */
                team: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteTeam: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example team:writers */
                team: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateTeam: {
        parameters: {
            query?: never;
            header: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
                /** @description The `ETag` that the record was read with, or `*`. */
                "If-Match": string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example team:writers */
                team: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    name?: string;
                    description?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            428: components["responses"]["PreconditionRequired"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTeamMembers: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example team:writers */
                team: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["TeamMember"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeTeamMembers: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example team:writers */
                team: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default [] */
                    add?: string[];
                    /** @default [] */
                    remove?: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        added: string[];
                        removed: string[];
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listRoles: {
        parameters: {
            query?: {
                q?: string;
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Role"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createRole: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    name: string;
                    slug: string;
                    /** @default  */
                    description?: string;
                    /**
                     * @example [
                     *       "teams:read",
                     *       "docs:read-item"
                     *     ]
                     */
                    permissions: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getRole: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example role:editor */
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteRole: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example role:editor */
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateRole: {
        parameters: {
            query?: never;
            header: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
                /** @description The `ETag` that the record was read with, or `*`. */
                "If-Match": string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example role:editor */
                role: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    name?: string;
                    slug?: string;
                    description?: string;
                    /**
                     * @example [
                     *       "teams:read",
                     *       "docs:read-item"
                     *     ]
                     */
                    permissions?: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            428: components["responses"]["PreconditionRequired"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listPermissions: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Permission"][];
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTeamPermissions: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example team:writers */
                team: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Allowed"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMemberPermissions: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example user:ann */
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Allowed"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listServiceAccountPermissions: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example service:robot */
                service: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Allowed"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listRolePermissions: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example role:editor */
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Allowed"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAssignments: {
        parameters: {
            query?: {
                subject?: string;
                role?: string;
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Assignment"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createAssignment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    subject: string;
                    role: string;
                    /** Format: date-time */
                    expiresAt?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Assignment"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteAssignment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example 42 */
                assignment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listServiceAccounts: {
        parameters: {
            query?: {
                q?: string;
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ServiceAccount"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createServiceAccount: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    name: string;
                    /** @default  */
                    description?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getServiceAccount: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example service:robot */
                service: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteServiceAccount: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example service:robot */
                service: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateServiceAccount: {
        parameters: {
            query?: never;
            header: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
                /** @description The `ETag` that the record was read with, or `*`. */
                "If-Match": string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example service:robot */
                service: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    name?: string;
                    description?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            428: components["responses"]["PreconditionRequired"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    suspendServiceAccount: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example service:robot */
                service: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resumeServiceAccount: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example service:robot */
                service: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listKeys: {
        parameters: {
            query?: {
                subject?: string;
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ApiKey"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    subject: string;
                    /** @example Writers */
                    label: string;
                    scopes?: string[] | null;
                    /** @default null */
                    networks?: string[] | null;
                    /** @default null */
                    expiresAt?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example 8f3k0v2m5q9x */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example 8f3k0v2m5q9x */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateKey: {
        parameters: {
            query?: never;
            header: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
                /** @description The `ETag` that the record was read with, or `*`. */
                "If-Match": string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example 8f3k0v2m5q9x */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Writers */
                    label?: string;
                    scopes?: string[] | null;
                    networks?: string[] | null;
                    expiresAt?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            428: components["responses"]["PreconditionRequired"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example 8f3k0v2m5q9x */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    overlapSeconds: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        made: components["schemas"]["NewApiKey"];
                        replaced: components["schemas"]["ApiKey"];
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listSessions: {
        parameters: {
            query?: {
                subject?: string;
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Session"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    endSessions: {
        parameters: {
            query: {
                subject: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ended: number;
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example 8f3k0v2m5q9x */
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listRules: {
        parameters: {
            query?: {
                q?: string;
                subject?: string;
                object?: string;
                method?: string;
                effect?: "allow" | "deny";
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Rule"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    checkRules: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
                "application/json": {
                    rules: components["schemas"]["RuleColumns"][];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        problems: {
                            /** @description Of the text; in a list the position of the rule, from 1. */
                            line: number;
                            /** @description Of the line; in a list the number of the column, from 1. */
                            column: number;
                            message: string;
                        }[];
                        warnings: {
                            /** @description Of the text; in a list the position of the rule, from 1. */
                            line: number;
                            /** @description Of the line; in a list the number of the column, from 1. */
                            column: number;
                            message: string;
                        }[];
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    diffRules: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
                "application/json": {
                    rules: components["schemas"]["RuleColumns"][];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Difference"][];
                        next?: string;
                        /** @example acme */
                        organisation: string;
                        revision: number;
                        /** @description The hash of the policy files. */
                        files: string;
                    };
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    publishRules: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Editors may publish */
                    message: string;
                    add?: components["schemas"]["RuleColumns"][];
                    remove?: string[];
                    rules?: components["schemas"]["RuleColumns"][];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Published"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rollbackRules: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    revision: number;
                    /** @example Editors may publish */
                    message: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Published"];
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listRuleRevisions: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["RuleRevision"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getRuleRevision: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
                /** @example 7 */
                revision: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        revision: number;
                        /** @example user:olga */
                        author: string;
                        /**
                         * Format: date-time
                         * @example 2026-01-31T12:00:00.000Z
                         */
                        at: string;
                        message: string;
                        addedCount: number;
                        removedCount: number;
                        added: components["schemas"]["RuleColumns"][];
                        removed: components["schemas"]["RuleColumns"][];
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAttributes: {
        parameters: {
            query: {
                entity: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Described"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putAttributes: {
        parameters: {
            query?: never;
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    items: {
                        entity: string;
                        attributes: {
                            [key: string]: unknown;
                        };
                    }[];
                };
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteAttributes: {
        parameters: {
            query: {
                entity: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description The same key with the same input is one change, however often it is sent. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["BodyTooLarge"];
            414: components["responses"]["TargetTooLong"];
            422: components["responses"]["IdempotencyKeyReused"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listDecisions: {
        parameters: {
            query?: {
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Decision"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    explainDecision: {
        parameters: {
            query: {
                sub: string;
                obj: string;
                act: "HEAD" | "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    whoCan: {
        parameters: {
            query: {
                obj: string;
                act: "HEAD" | "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: string[];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    whatCan: {
        parameters: {
            query: {
                sub: string;
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Allowed"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    whichActions: {
        parameters: {
            query: {
                sub: string;
                obj: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: string[];
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    whichOperations: {
        parameters: {
            query: {
                sub: string;
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AllowedOperation"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                actor?: string;
                operation?: string;
                object?: string;
                since?: string;
                until?: string;
                order?: "newest" | "oldest";
                limit?: string;
                cursor?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
                /** @description An `ETag` that is known: 304 if it holds yet. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names this state of the record. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AuditEntry"][];
                        next?: string;
                    };
                };
            };
            /** @description As it is known. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    exportAudit: {
        parameters: {
            query?: {
                format?: "jsonl" | "csv";
                actor?: string;
                operation?: string;
                object?: string;
                since?: string;
                until?: string;
            };
            header?: {
                /** @description Decide by no older policy than this, as in `acme:7`. */
                "Gatehouse-Min-Revision"?: string;
            };
            path: {
                /** @example acme */
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["InvalidInputOrBadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Denied"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["TargetTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
}
