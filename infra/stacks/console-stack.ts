import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  type ErrorResponse,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { CfnManagedLoginBranding, ManagedLoginVersion, UserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Aws, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { namesFor } from '../constructs/names.ts';
import type { Context } from '../context.ts';
import type { LockstepStack } from './lockstep-stack.ts';

export interface ConsoleStackProps extends Context {
  readonly lockstep: LockstepStack;
  /** The folder `infra/build-console.ts` wrote. */
  readonly pages: string;
}

/** Files that keep their names when their content changes; all others are named by it. */
const NAMED = ['index.html', 'not-found.html'];

/**
 * The console and the pages on which people sign in. A stack of its own, for the system's has no room, and because it
 * can be taken away without anybody learning less.
 */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, props: ConsoleStackProps) {
    const { lockstep, pages, stage } = props;
    super(scope, `${lockstep.stackName}-Console`, { description: 'The console of Lockstep' });
    const { userPool, client } = lockstep.identity;
    const domain = new UserPoolDomain(this, 'SignIn', {
      userPool,
      // One of its kind among all accounts of a region.
      cognitoDomain: { domainPrefix: `${namesFor(stage).of('school')}-${Aws.ACCOUNT_ID}` },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    // Without a style the newer pages are not shown at all.
    new CfnManagedLoginBranding(this, 'SignInStyle', {
      userPoolId: userPool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    const authority = userPool.userPoolProviderUrl;
    const bucket = new Bucket(this, 'Pages', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // All that is in it can be built again.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    const distribution = new Distribution(this, 'Distribution', {
      comment: namesFor(stage).of('console'),
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      errorResponses: [notFound(403), notFound(404)],
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        responseHeadersPolicy: this.#headers([
          lockstep.http.api.apiEndpoint,
          lockstep.realtime.url,
          lockstep.realtime.socketUrl,
          authority,
          `${authority}/`,
          domain.baseUrl(),
        ]),
      },
    });

    // What is named by its content stays: a page that is open may still ask for what came with it.
    new BucketDeployment(this, 'Parts', {
      sources: [Source.asset(pages, { exclude: NAMED })],
      destinationBucket: bucket,
      cacheControl: [CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
      memoryLimit: 512,
      prune: false,
    });
    const named = new BucketDeployment(this, 'Named', {
      sources: [
        Source.asset(pages, { exclude: ['*', ...NAMED.map((name) => `!${name}`)] }),
        Source.jsonData('config.json', {
          apiUrl: lockstep.http.api.apiEndpoint,
          graphqlUrl: lockstep.realtime.url,
          signIn: {
            kind: 'oidc',
            authority,
            clientId: props.audience?.[0] ?? client.userPoolClientId,
          },
        }),
      ],
      destinationBucket: bucket,
      cacheControl: [CacheControl.noCache()],
      distribution,
      distributionPaths: ['/', ...[...NAMED, 'config.json'].map((name) => `/${name}`)],
      memoryLimit: 512,
      prune: false,
    });
    // The page must not name parts that are not there yet.
    named.node.addDependency(this.node.findChild('Parts'));

    new CfnOutput(this, 'ConsoleUrl', { value: `https://${distribution.distributionDomainName}` });
  }

  /** What a browser may do with the pages: run their own code, and speak to these addresses. */
  #headers(addresses: readonly string[]): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      comment: 'Nothing but the console runs in its pages, and it speaks to the school alone',
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: [
            "default-src 'none'",
            "script-src 'self'",
            // The component library writes its variables, and sizes, into the page.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            `connect-src 'self' ${addresses.join(' ')}`,
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
          ].join('; '),
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(365),
          includeSubdomains: true,
          override: true,
        },
      },
    });
  }
}

// The bucket says 403 of what it does not have to those who may not list it.
function notFound(httpStatus: number): ErrorResponse {
  return {
    httpStatus,
    responseHttpStatus: 404,
    responsePagePath: '/not-found.html',
    ttl: Duration.minutes(1),
  };
}
