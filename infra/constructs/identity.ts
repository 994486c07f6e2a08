import {
  AccountRecovery,
  CfnUserPoolGroup,
  ClientAttributes,
  Mfa,
  OAuthScope,
  UserPool,
  type UserPoolClient,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { triggers } from '../system.ts';
import { BundledFunction, type FunctionSurroundings } from './bundled-function.ts';
import { constructId } from './names.ts';

export interface IdentityProps extends FunctionSurroundings {
  /** Where pages are served from; people who have signed in are led back there. */
  readonly webOrigins: readonly string[];
}

/**
 * Who learns and who runs the school. People sign themselves up; a group is something only an operator gives,
 * and nothing that a person can write about themselves decides what they may do. Who has confirmed the sign-up gets a
 * row among the students.
 */
export class Identity extends Construct {
  readonly userPool: UserPool;
  readonly client: UserPoolClient;
  /** Called by the pool while a person waits for the end of the sign-up. */
  readonly registration: BundledFunction;

  constructor(scope: Construct, { webOrigins, ...surroundings }: IdentityProps) {
    super(scope, 'Identity');
    const { names } = surroundings;
    this.userPool = new UserPool(this, 'UserPool', {
      userPoolName: names.of('people'),
      selfSignUpEnabled: true,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      // A new address counts only once it is verified.
      keepOriginal: { email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.registration = new BundledFunction(this, 'RegisterStudent', {
      ...surroundings,
      name: 'register-student',
      spec: triggers['register-student'],
      memoryMb: 512,
      // As long as Cognito waits.
      timeoutSeconds: 5,
    });
    this.userPool.addTrigger(UserPoolOperation.POST_CONFIRMATION, this.registration.lambda);
    for (const [groupName, description] of Object.entries(GROUPS)) {
      new CfnUserPoolGroup(this, `${constructId(groupName)}Group`, {
        userPoolId: this.userPool.userPoolId,
        groupName,
        description,
      });
    }
    this.client = this.userPool.addClient('Pages', {
      userPoolClientName: names.of('pages'),
      generateSecret: false,
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID],
        callbackUrls: callbacksOf(webOrigins),
      },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
      readAttributes: new ClientAttributes().withStandardAttributes({
        email: true,
        emailVerified: true,
        fullname: true,
      }),
      writeAttributes: new ClientAttributes().withStandardAttributes({ email: true, fullname: true }),
    });
  }
}

/** A page that is built on a developer's machine, the one place that has no certificate. */
const IN_DEVELOPMENT = 'http://localhost:5173/';

/** Cognito leads people back to addresses that it was told, and to no others. */
function callbacksOf(webOrigins: readonly string[]): string[] {
  const named = webOrigins.filter((origin) => origin !== '*');
  return named.length === 0 ? [IN_DEVELOPMENT] : named.map((origin) => `${origin.replace(/\/$/, '')}/`);
}

const GROUPS = {
  admin: 'Runs the school: may change courses and see and change everybody',
  student: 'Learns at the school',
} as const;
